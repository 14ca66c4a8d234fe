import type { Destination } from '@azlogs/core/internal'

import { usageError } from '../cli-error.ts'
import type { Run } from '../command.ts'
import { readDestination } from '../destination-args.ts'
import { findLock } from '../find-lock.ts'
import { createAzureCli } from './azure-cli.ts'
import { checkAccess } from './check-access.ts'
import { checkClock } from './check-clock.ts'
import { checkConfig } from './check-config.ts'
import { checkConnection } from './check-connection.ts'
import { checkDns } from './check-dns.ts'
import { checkRole } from './check-role.ts'
import { checkRule } from './check-rule.ts'
import { checkSchema } from './check-schema.ts'
import { checkToken } from './check-token.ts'
import type { Token } from './check-token.ts'
import { skip } from './check.ts'
import type { DoctorArgs } from './command.ts'
import { findDeployedRule } from './deployed-rule.ts'
import type { FoundRule } from './deployed-rule.ts'
import { proxyFor } from './proxy.ts'
import { createRedactor } from './redact.ts'
import { createReport } from './report.ts'
import type { CheckName } from './report.ts'
import { repeatUntilAllowed } from './wait.ts'

const CHECKS: readonly CheckName[] = [
  'config',
  'dns',
  'connection',
  'clock',
  'token',
  'access',
  'rule',
  'role',
  'schema',
  'canary',
]

export const run: Run<DoctorArgs> = async ({ args, out }) => {
  const given = readDestination(args)
  const lock = await findLock(args.schema)
  const timeoutMs = positive('--timeout', args.timeout) * 1000
  const waitMs = args.wait === undefined ? 0 : positive('--wait', args.wait) * 60_000
  const redact = createRedactor(process.env)
  const report = createReport(out, redact)
  const done: CheckName[] = []
  const finish = (): 0 | 1 => (report.end(CHECKS.filter((name) => !done.includes(name))) ? 0 : 1)
  /** True when what depends on this check can go on. */
  const passes = async (name: CheckName, work: Parameters<typeof report.check>[1]): Promise<boolean> => {
    done.push(name)
    return (await report.check(name, work)).status !== 'fail'
  }

  let destination: Destination | undefined
  await passes('config', () => {
    const checked = checkConfig(given)
    destination = checked.destination
    return checked.finding
  })
  if (destination === undefined) return finish()
  const { endpoint } = destination
  const proxy = proxyFor(endpoint, process.env)
  if (!(await passes('dns', () => checkDns(endpoint, proxy)))) return finish()
  if (!(await passes('connection', () => checkConnection(endpoint, proxy, timeoutMs)))) return finish()
  if (!(await passes('clock', () => checkClock(endpoint, proxy, timeoutMs)))) return finish()

  let token: Token | undefined
  await passes('token', async () => {
    const checked = await checkToken(destination as Destination, given.credential, { timeoutMs, redact })
    token = checked.token
    return checked.finding
  })
  if (token === undefined) return finish()

  const az = createAzureCli(endpoint, timeoutMs)
  let found: Promise<FoundRule> | undefined
  const findRule = (): Promise<FoundRule> =>
    (found ??= findDeployedRule(az, (destination as Destination).ruleId))
  const access = {
    destination,
    token,
    proxy,
    timeoutMs,
    async findRule() {
      const answer = await findRule()
      return answer.ok ? answer.rule : undefined
    },
  }
  const isAllowed = await passes('access', () =>
    repeatUntilAllowed(() => checkAccess(access), { waitMs, note: (text) => out.note(redact(text)) }),
  )

  const answer = await findRule()
  const { claims } = token
  await passes('rule', async () =>
    answer.ok ? checkRule(az, access.destination, answer.rule) : skip(answer.why),
  )
  if (isAllowed) done.push('role')
  else if (answer.ok) await passes('role', () => checkRole(az, answer.rule.id, claims))
  await passes('schema', () =>
    checkSchema(az, {
      lock,
      streamName: access.destination.streamName,
      rule: answer.ok ? answer.rule : undefined,
    }),
  )
  return finish()
}

function positive(flag: string, value: string): number {
  const number = Number(value)
  if (Number.isFinite(number) && number > 0) return number
  throw usageError(`${flag} is ${JSON.stringify(value)}.`, `Give a number above 0: ${flag} 15`)
}
