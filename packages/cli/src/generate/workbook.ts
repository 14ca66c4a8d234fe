import { jsonOf } from './generated-file.ts'
import type { GeneratedFile, GenerateInput } from './generated-file.ts'
import { starterQueries } from './queries.ts'

/** Kinds of items in a workbook. https://github.com/microsoft/Application-Insights-Workbooks/tree/master/schema */
const ITEM = { text: 1, query: 3 } as const

const IN_WORKBOOK = new Set(['rate-by-level', 'error-types', 'errors-last-hour', 'top-messages', 'latency'])

/** A workbook: paste it into Azure Monitor › Workbooks › New › Advanced editor. */
export function workbookFile({ lock }: GenerateInput): GeneratedFile {
  const items = starterQueries(lock)
    .filter(({ name }) => IN_WORKBOOK.has(name))
    .map(({ name, title, kql, show }) => ({
      type: ITEM.query,
      content: {
        version: 'KqlItem/1.0',
        query: kql.filter((line) => !line.startsWith('| render')).join('\n'),
        size: 0,
        title,
        queryType: 0,
        resourceType: 'microsoft.operationalinsights/workspaces',
        visualization: show,
      },
      name,
    }))
  return {
    path: 'infra/workbook.json',
    text: jsonOf({
      version: 'Notebook/1.0',
      items: [{ type: ITEM.text, content: { json: `## ${lock.table}` }, name: 'title' }, ...items],
      $schema: 'https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json',
    }),
  }
}
