import { fileURLToPath } from 'node:url'

import { test } from '@azlogs/emulator/vitest'
import { expect } from 'vitest'

import { startApplication } from '../../application.ts'

const INVOICES = 500

for (const script of ['with-winston', 'with-pino', 'with-core']) {
  for (const [end, flags] of [
    ['calls process.exit()', ['--exit']],
    ['falls off its end', []],
  ] as const) {
    test(`${script}.ts loses nothing when it ${end} at once`, async ({ emulator, signal }) => {
      await using application = startApplication(fileURLToPath(new URL(`../${script}.ts`, import.meta.url)), {
        arguments: [...flags, '--invoices', String(INVOICES)],
        env: emulator.env,
        signal,
      })
      await application.exited()

      await application.line(/^logged 500$/)
      const rows = emulator.rows().filter((row) => row['Logger'] === script)
      const sequences = rows.map((row) => Reflect.get(Object(row['Properties']), 'sequence') as unknown)
      expect(sequences.toSorted((a, b) => Number(a) - Number(b))).toEqual(
        Array.from({ length: INVOICES }, (_, index) => index + 1),
      )
      expect(emulator.rows()).toHaveLength(INVOICES)
      expect(application.stderr()).toBe('')
      emulator.assertNothingDropped()
    })
  }
}
