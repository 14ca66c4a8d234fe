import type { SchemaLock } from '../schema/lock.ts'

/** Name of the one destination inside the rule. */
const DESTINATION = 'workspace'

/**
 * Properties of the table. The Tables API spells the type `dateTime`, the data collection rule `datetime`.
 * https://learn.microsoft.com/azure/templates/microsoft.operationalinsights/workspaces/tables
 */
export function tableProperties({ table, plan, columns }: SchemaLock): object {
  return {
    plan,
    schema: {
      name: table,
      columns: columns.map(({ name, type }) => ({ name, type: type === 'datetime' ? 'dateTime' : type })),
    },
  }
}

/**
 * Properties of the data collection rule: the stream has the table's columns, so nothing is transformed and the output
 * cannot misfit.
 * https://learn.microsoft.com/azure/templates/microsoft.insights/datacollectionrules
 */
export function ruleProperties(lock: SchemaLock, workspaceId: string): object {
  const { stream, columns, transformKql } = lock
  return {
    streamDeclarations: { [stream]: { columns: columns.map(({ name, type }) => ({ name, type })) } },
    destinations: { logAnalytics: [{ name: DESTINATION, workspaceResourceId: workspaceId }] },
    dataFlows: [
      { streams: [stream], destinations: [DESTINATION], transformKql, outputStream: outputStreamOf(lock) },
    ],
  }
}

/** The stream into the table is named after the table, whatever the incoming stream is called. */
export function outputStreamOf({ table }: SchemaLock): string {
  return `Custom-${table}`
}
