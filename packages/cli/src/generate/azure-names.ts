/**
 * Versions of Azure's APIs, each the earliest that does what is needed here. Rules made by older versions have no
 * endpoint and can get none later; the plan Auxiliary is unknown to older versions of the tables.
 */
export const API_VERSION = {
  rules: '2023-03-11',
  tables: '2025-07-01',
  roleAssignments: '2022-04-01',
  diagnosticSettings: '2021-05-01-preview',
} as const

/** Monitoring Metrics Publisher: Owner and Contributor do not contain the right to send. */
export const PUBLISHER_ROLE_ID = '3913510d-42f4-4e42-8a64-420c390055eb'

/**
 * The category of diagnostic logs that fills the table DCRLogErrors.
 * https://learn.microsoft.com/azure/azure-monitor/reference/supported-logs/microsoft-insights-datacollectionrules-logs
 */
export const RULE_ERRORS = 'LogErrors'

/** A name for the rule, from the table's: `AppLogs_CL` → `app-logs`. */
export function ruleNameOf(table: string): string {
  const name = table
    .replace(/_CL$/, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .replaceAll(/-+/g, '-')
    .toLowerCase()
    .slice(0, 30)
    .replace(/-$/, '')
  return name.length < 3 ? `${name}-logs` : name
}
