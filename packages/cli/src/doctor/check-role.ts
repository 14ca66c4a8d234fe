import type { AzureCli } from './azure-cli.ts'
import { fail, ok, skip } from './check.ts'
import type { Finding } from './check.ts'
import { at, listAt, text } from './deployed-rule.ts'
import type { TokenClaims } from './jwt.ts'

/** Built-in roles. https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const MONITORING_METRICS_PUBLISHER = '3913510d-42f4-4e42-8a64-420c390055eb'
const MANAGEMENT_ROLES: Readonly<Record<string, string>> = {
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': 'Owner',
  'b24988ac-6180-42a0-ab88-20f7382dd24c': 'Contributor',
}

/** How long a new assignment takes at most. */
const PROPAGATION_MINUTES = 30

/** Has the identity of the token the role on the rule, and since when? */
export async function checkRole(
  az: AzureCli,
  armId: string,
  claims: TokenClaims | undefined,
): Promise<Finding> {
  const objectId = claims?.objectId
  if (claims === undefined || objectId === undefined) return skip('the token names no object id')
  const answer = await assignmentsOf(az, armId, objectId)
  if (!answer.ok) return skip(answer.why)
  const { assignments } = answer
  const held = assignments.find(({ role }) => role === MONITORING_METRICS_PUBLISHER)
  if (held === undefined) {
    const others = assignments.flatMap(({ role }) => MANAGEMENT_ROLES[role] ?? [])
    const registration = await registrationWithRole(az, armId, claims)
    const but =
      registration === undefined
        ? others.length === 0
          ? ''
          : `, only ${others.join(' and ')}, which do not let it send`
        : `; object ${registration} has it, which is the app registration and not its service principal`
    return fail(
      'AZL3010',
      `object ${objectId} has no role «Monitoring Metrics Publisher» on the rule${but}`,
      assignRole(armId, claims),
    )
  }
  const minutes = Math.floor((Date.now() - Date.parse(held.createdOn ?? '')) / 60_000)
  return ok(
    minutes >= 0 && minutes < PROPAGATION_MINUTES
      ? `«Monitoring Metrics Publisher» for ${minutes} minutes; a new assignment takes up to ${PROPAGATION_MINUTES}`
      : `«Monitoring Metrics Publisher» on ${held.scope}`,
  )
}

interface Assignment {
  readonly role: string
  readonly scope: string
  readonly createdOn: string | undefined
}

/** The roles of an object on the rule, groups included. */
async function assignmentsOf(
  az: AzureCli,
  armId: string,
  objectId: string,
): Promise<
  | { readonly ok: true; readonly assignments: readonly Assignment[] }
  | { readonly ok: false; readonly why: string }
> {
  const filter = encodeURIComponent(`assignedTo('${objectId}')`)
  const answer = await az.rest(
    'get',
    `${armId}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=${filter}`,
  )
  if (!answer.ok) return answer
  const assignments = listAt(answer.value, 'value').map((assignment) => {
    const properties = at(assignment, 'properties')
    return {
      role: String(at(properties, 'roleDefinitionId')).replace(/^.*\//, ''),
      scope: text(at(properties, 'scope')) ?? '',
      createdOn: text(at(properties, 'createdOn')),
    }
  })
  return { ok: true, assignments }
}

/** The object id of the application's registration, if somebody gave that the role: a template accepts it, and it never helps. */
async function registrationWithRole(
  az: AzureCli,
  armId: string,
  { applicationId }: TokenClaims,
): Promise<string | undefined> {
  if (applicationId === undefined) return undefined
  // Fails for managed identities, which have no registration.
  const app = await az.run('ad', 'app', 'show', '--id', applicationId)
  const objectId = app.ok ? text(at(app.value, 'id')) : undefined
  if (objectId === undefined) return undefined
  const answer = await assignmentsOf(az, armId, objectId)
  const hasRole = answer.ok && answer.assignments.some(({ role }) => role === MONITORING_METRICS_PUBLISHER)
  return hasRole ? objectId : undefined
}

/** The command that gives the identity the role. */
export function assignRole(armId: string | undefined, claims: TokenClaims | undefined): string {
  const type = claims?.kind === 'user' || claims?.user !== undefined ? 'User' : 'ServicePrincipal'
  return [
    'az role assignment create',
    `--assignee-object-id ${claims?.objectId ?? 'OBJECT_ID'}`,
    `--assignee-principal-type ${type}`,
    '--role "Monitoring Metrics Publisher"',
    `--scope ${armId ?? 'RESOURCE_ID_OF_THE_RULE'}`,
  ].join(' ')
}
