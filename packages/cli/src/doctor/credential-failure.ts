import type { GivenDestination } from '../destination-args.ts'

/** What Entra ID means by its codes. https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const ENTRA_REMEDIES: Readonly<Record<string, string>> = {
  AADSTS7000215:
    'AZURE_CLIENT_SECRET must be the secret’s value, not its id; make a new one: az ad app credential reset --id $AZURE_CLIENT_ID',
  AADSTS7000222: 'The secret has expired: az ad app credential reset --id $AZURE_CLIENT_ID',
  AADSTS700016:
    'AZURE_CLIENT_ID is no application of the tenant AZURE_TENANT_ID: az ad sp show --id $AZURE_CLIENT_ID',
  AADSTS90002: 'AZURE_TENANT_ID is no tenant: az account show --query tenantId',
  AADSTS700082: 'az login',
  AADSTS50076: 'az login',
  AADSTS700213:
    'The federated credential does not name this workload: az ad app federated-credential list --id $AZURE_CLIENT_ID',
  AADSTS70021:
    'The federated credential does not name this workload: az ad app federated-credential list --id $AZURE_CLIENT_ID',
}

/** What to do when the credential gives no token, by what it said and which kind it is. */
export function remedyForCredential(message: string, credential: GivenDestination['credential']): string {
  const code = /AADSTS\d+/.exec(message)?.[0]
  const known = code === undefined ? undefined : ENTRA_REMEDIES[code]
  if (known !== undefined) return known
  const kind = typeof credential === 'string' ? credential : credential.kind
  switch (kind) {
    case 'azure-cli':
      return 'az login'
    case 'managed-identity':
      return 'Assign a managed identity to this host (for App Service: az webapp identity assign -g GROUP -n NAME), or take another credential: --credential azure-cli'
    case 'workload-identity':
      return 'Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE; on AKS the label azure.workload.identity/use: "true" on the pod does that.'
    case 'environment':
      return 'Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.'
    default:
      return 'az login   # on a developer’s machine; on a server assign a managed identity, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET'
  }
}
