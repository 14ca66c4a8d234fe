import { openSync } from 'node:fs'
import { ReadStream } from 'node:tty'

import { confirm, isCancel, multiselect } from '@clack/prompts'

import type { ProposedColumn } from '../schema/proposal.ts'
import { printable } from './show-columns.ts'

/** Questions to the person in front of the terminal. */
export interface Asker {
  /** The columns with the person's choice of what gets a column; undefined when the person gave up. */
  chooseColumns(columns: readonly ProposedColumn[]): Promise<readonly ProposedColumn[] | undefined>
  confirm(message: string): Promise<boolean>
  close(): void
}

/**
 * Asks on the terminal, even where stdin is the sample; undefined where nobody can be asked.
 *
 * @param wanted False with `--yes` or `--json`.
 */
export function createAsker(wanted: boolean): Asker | undefined {
  if (!wanted || !process.stdout.isTTY) return undefined
  const input = process.stdin.isTTY ? process.stdin : openTerminal()
  if (input === undefined) return undefined
  return {
    async chooseColumns(columns) {
      const choices = columns.filter(({ path }) => path !== undefined)
      if (choices.length === 0) return columns
      const chosen = await multiselect({
        message: 'Which values get a column? The others stay in Properties.',
        options: choices.map(({ name, path = '', type, reason }) => ({
          value: path,
          label: `${name} ${type}`,
          hint: printable(`${path}: ${reason}`),
        })),
        initialValues: choices.filter(({ promoted }) => promoted).map(({ path = '' }) => path),
        required: false,
        maxItems: 15,
        input,
      })
      if (isCancel(chosen)) return undefined
      const wanted = new Set(chosen)
      return columns.map((column) =>
        column.path === undefined ? column : Object.assign({}, column, { promoted: wanted.has(column.path) }),
      )
    },
    async confirm(message) {
      return (await confirm({ message, initialValue: false, input })) === true
    },
    close() {
      if (input !== process.stdin) input.destroy()
    },
  }
}

function openTerminal(): ReadStream | undefined {
  try {
    return new ReadStream(openSync('/dev/tty', 'r+'))
  } catch {
    return undefined
  }
}
