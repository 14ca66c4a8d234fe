import { textOf } from '../generate/generated-file.ts'
import type { GeneratedFile } from '../generate/generated-file.ts'
import type { SchemaLock } from '../schema/lock.ts'
import type { CodeChange } from './code-changes.ts'
import type { Migration } from './legacy-columns.ts'
import { functionName } from './union-query.ts'

/** What changes, on paper: for the pull request. */
export function guideFile(
  lock: SchemaLock,
  { columns, leftOut }: Migration,
  oldTable: string,
  changes: readonly CodeChange[],
): GeneratedFile {
  const { table, stream } = lock
  return {
    path: 'azlogs-migration.md',
    text: textOf(
      `# From ${oldTable} to ${table}`,
      '',
      'The HTTP Data Collector API has ended on 14 September 2026: nothing that is sent to it arrives. Its successor, the Logs',
      'Ingestion API, makes no tables and no columns. What it needs is in `infra/`; the old table stays as it is and can be read.',
      '',
      '## Order',
      '',
      `1. Deploy \`infra/\`: the table ${table}, a data collection rule with the stream ${stream}, a role for who sends.`,
      '2. Change the code, as below. The workspace id and the shared key go: a managed identity has neither.',
      `3. Point dashboards and alerts at \`${functionName(lock)}\` (\`queries/${functionName(lock)}.kql\`), which reads both tables.`,
      `4. When ${oldTable} has aged out, point them at ${table}.`,
      '',
      '## Columns',
      '',
      '| old | new | type | |',
      '| --- | --- | --- | --- |',
      ...columns.map(({ legacy, name, type, reason }) => `| ${legacy} | ${name} | ${type} | ${reason} |`),
      '',
      ...(leftOut.length === 0
        ? []
        : ['Left out:', '', ...leftOut.map(({ legacy, why }) => `- ${legacy}: ${why}`), '']),
      'The paths in `azlogs.schema.json` are guesses from the old names. Check them with lines of the application itself:',
      '`node app.js | npx azlogs diff --from -`.',
      '',
      '## Code',
      ...changes.flatMap(({ before, install, after }) => [
        '',
        `Before: ${before}`,
        '',
        '```sh',
        install,
        '```',
        '',
        '```ts',
        ...after,
        '```',
      ]),
      '',
      '## Instead: keep the old table',
      '',
      `\`POST …/tables/${oldTable}/migrate?api-version=2021-12-01-preview\` turns the old table into one that a rule can write to. It`,
      'cannot be undone, and the old names stay (`azlogs migrate --keep-names` writes the rule for them). Side by side is safer.',
    ),
  }
}
