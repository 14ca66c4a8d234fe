import { expect, onTestFinished, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator } from '../src/index.ts'
import { createJsonReport, createTextReport, environmentText } from '../src/report.ts'
import type { ReportOptions } from '../src/report.ts'

const TEXT: ReportOptions = {
  paint: (_style, text) => text,
  quiet: false,
  severalTables: false,
  shell: 'posix',
}

async function start(options: Parameters<typeof startEmulator>[0] = {}): Promise<Emulator> {
  const emulator = await startEmulator({ https: false, ...options })
  onTestFinished(() => emulator.close())
  return emulator
}

test('variables are set as PowerShell wants them where it runs there', async () => {
  const emulator = await start({ ruleId: "dcr-it's" })
  expect(environmentText(emulator, 'powershell')).toContain("$env:AZURE_DCR_RULE_ID = 'dcr-it''s'\n")
  expect(environmentText(emulator, 'posix')).toContain(`export AZURE_DCR_RULE_ID='dcr-it'\\''s'\n`)
})

test('the authority is pasted only for https, as it would take the place of one that the terminal has', async () => {
  const emulator = await start({ https: true })
  const [forHttp = '', forHttps = ''] = environmentText(emulator, 'posix').split('refuses http')
  expect(forHttp).not.toContain('NODE_EXTRA_CA_CERTS')
  expect(forHttps).toContain(`export NODE_EXTRA_CA_CERTS=${emulator.caFile}\n`)
  expect(forHttps).toContain(`export AZURE_DCE_ENDPOINT=${emulator.httpsUrl}\n`)
})

test('without https nothing is said about it', async () => {
  const emulator = await start()
  expect(createTextReport(TEXT).started(emulator, 1)).not.toContain('https')
  expect(createTextReport({ ...TEXT, quiet: true }).started(emulator, 1)).toBe(
    `listening on ${emulator.url}\n`,
  )
})

test('the start names the tables and the faults that are on', async () => {
  const emulator = await start({ faults: '429:10%' })
  const text = createTextReport(TEXT).started(emulator, 12.4)
  expect(text).toContain('ready in 12 ms, with AppLogs_CL')
  expect(text).toMatch(/Faults: 429:10%\n/)
})

test('JSON keeps every digit of a long, and quiet leaves rows out', () => {
  const rows = [{ Bytes: 9_007_199_254_740_993n }, { Bytes: 1 }]
  expect(createJsonReport({ quiet: false }).rows('T_CL', rows)).toBe(
    '{"event":"row","table":"T_CL","row":{"Bytes":9007199254740993}}\n{"event":"row","table":"T_CL","row":{"Bytes":1}}\n',
  )
  expect(createJsonReport({ quiet: true }).rows('T_CL', rows)).toBe('')
  expect(createTextReport({ ...TEXT, quiet: true }).rows('T_CL', rows)).toBe('')
})

test('with several tables each row says which is its own', () => {
  const report = createTextReport({ ...TEXT, severalTables: true })
  expect(report.rows('Orders_CL', [{ Message: 'placed' }])).toContain('Orders_CL placed')
})
