import { API_VERSION, PUBLISHER_ROLE_ID, RULE_ERRORS } from './azure-names.ts'
import { jsonOf } from './generated-file.ts'
import type { GeneratedFile, GenerateInput } from './generated-file.ts'
import { ruleProperties, tableProperties } from './resources.ts'

const RULE_TYPE = 'Microsoft.Insights/dataCollectionRules'
const RULE_ID = `[resourceId('${RULE_TYPE}', parameters('ruleName'))]`
const WORKSPACE_ID = "[resourceId('Microsoft.OperationalInsights/workspaces', parameters('workspaceName'))]"
const TABLE_TYPE = 'Microsoft.OperationalInsights/workspaces/tables'
const RULE_REFERENCE = `reference(resourceId('${RULE_TYPE}', parameters('ruleName')), '${API_VERSION.rules}')`

/** The ARM template, for those who deploy JSON. It does what the Bicep file does. */
export function armFile({ lock, ruleName }: GenerateInput, path: string): GeneratedFile {
  const template = {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    parameters: {
      workspaceName: text('The Log Analytics workspace. Deploy into its resource group.'),
      location: text('The region of the workspace.', '[resourceGroup().location]'),
      ruleName: {
        ...text('The data collection rule: letters, digits and hyphens.', ruleName),
        minLength: 3,
        maxLength: 30,
      },
      publisherPrincipalIds: {
        type: 'array',
        defaultValue: [],
        metadata: {
          description:
            'Object ids of the managed identities or service principals that send (not of app registrations).',
        },
      },
      publisherPrincipalType: {
        ...text('What these ids belong to.', 'ServicePrincipal'),
        allowedValues: ['ServicePrincipal', 'User', 'Group'],
      },
      dataCollectionEndpointId: text('Only for private links: the id of a data collection endpoint.', ''),
      collectRuleErrors: {
        type: 'bool',
        defaultValue: true,
        metadata: { description: 'Fill the table DCRLogErrors, which tells why rows were dropped.' },
      },
    },
    resources: [
      {
        type: TABLE_TYPE,
        apiVersion: API_VERSION.tables,
        name: `[format('{0}/{1}', parameters('workspaceName'), '${lock.table}')]`,
        properties: tableProperties(lock),
      },
      {
        type: RULE_TYPE,
        apiVersion: API_VERSION.rules,
        name: "[parameters('ruleName')]",
        location: "[parameters('location')]",
        kind: 'Direct',
        properties: {
          dataCollectionEndpointId:
            "[if(empty(parameters('dataCollectionEndpointId')), null(), parameters('dataCollectionEndpointId'))]",
          ...ruleProperties(lock, WORKSPACE_ID),
        },
        dependsOn: [`[resourceId('${TABLE_TYPE}', parameters('workspaceName'), '${lock.table}')]`],
      },
      {
        copy: { name: 'publishers', count: "[length(parameters('publisherPrincipalIds'))]" },
        type: 'Microsoft.Authorization/roleAssignments',
        apiVersion: API_VERSION.roleAssignments,
        scope: `[format('${RULE_TYPE}/{0}', parameters('ruleName'))]`,
        name: `[guid(resourceId('${RULE_TYPE}', parameters('ruleName')), parameters('publisherPrincipalIds')[copyIndex()], '${PUBLISHER_ROLE_ID}')]`,
        properties: {
          principalId: "[parameters('publisherPrincipalIds')[copyIndex()]]",
          principalType: "[parameters('publisherPrincipalType')]",
          roleDefinitionId: `[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '${PUBLISHER_ROLE_ID}')]`,
        },
        dependsOn: [RULE_ID],
      },
      {
        condition: "[parameters('collectRuleErrors')]",
        type: 'Microsoft.Insights/diagnosticSettings',
        apiVersion: API_VERSION.diagnosticSettings,
        scope: `[format('${RULE_TYPE}/{0}', parameters('ruleName'))]`,
        name: 'rule-errors',
        properties: {
          workspaceId: WORKSPACE_ID,
          logs: [{ category: RULE_ERRORS, enabled: true }],
        },
        dependsOn: [RULE_ID],
      },
    ],
    outputs: {
      AZURE_DCE_ENDPOINT: { type: 'string', value: `[${RULE_REFERENCE}.endpoints.logsIngestion]` },
      AZURE_DCR_RULE_ID: { type: 'string', value: `[${RULE_REFERENCE}.immutableId]` },
      AZURE_DCR_STREAM_NAME: { type: 'string', value: lock.stream },
    },
  }
  return { path, text: jsonOf(template) }
}

function text(description: string, defaultValue?: string): object {
  return {
    type: 'string',
    ...(defaultValue === undefined ? {} : { defaultValue }),
    metadata: { description },
  }
}
