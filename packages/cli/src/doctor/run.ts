import { createCredential } from '@azlogs/core/internal'
import type { Destination } from '@azlogs/core/internal'

import { usageError } from '../cli-error.ts'
import type { Run } from '../command.ts'
import { readDestination } from '../destination-args.ts'
import type { GivenDestination } from '../destination-args.ts'
import { findLock } from '../find-lock.ts'
import type { Asker } from '../query/ask.ts'
import { queryPlace } from '../query/place.ts'
import { createAzureCli } from './azure-cli.ts'
import type { AzureCli } from './azure-cli.ts'
import { checkAccess } from './check-access.ts'
import { checkCanary } from './check-canary.ts'
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
import { at, findDeployedRule, text } from './deployed-rule.ts'
import type { DeployedRule, FoundRule } from './deployed-rule.ts'
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

  const note = (line: string): void => out.note(redact(line))

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
    repeatUntilAllowed(() => checkAccess(access), { waitMs, note }),
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
  if (!args.send || !isAllowed) return finish()
  const rule = answer.ok ? answer.rule : undefined
  const asker = await workspaceAsker(args, given, az, rule)
  await passes('canary', async () => {
    const { finding, columns } = await checkCanary({ access, lock, rule, waitMs, asker, note })
    report.add('columns', columns)
    return finding
  })
  return finish()
}

/** Queries the workspace that is named, else the one that the rule sends to; undefined when neither is known. */
async function workspaceAsker(
  args: DoctorArgs,
  { endpoint, credential }: GivenDestination,
  az: AzureCli,
  rule: DeployedRule | undefined,
): Promise<Asker | undefined> {
  const [workspaceId] = Object.values(rule?.workspaceIds ?? {})
  let workspace = args.workspace ?? process.env['AZURE_LOG_ANALYTICS_WORKSPACE_ID']
  if (workspace === undefined && workspaceId !== undefined) {
    const answer = await az.rest('get', `${workspaceId}?api-version=2023-09-01`)
    workspace = answer.ok ? text(at(at(answer.value, 'properties'), 'customerId')) : undefined
  }
  if (workspace === undefined) return undefined
  const { createAsker } = await import('../query/ask.ts')
  return createAsker(queryPlace(endpoint, workspace), createCredential(credential, process.env, undefined))
}

function positive(flag: string, value: string): number {
  const number = Number(value)
  if (Number.isFinite(number) && number > 0) return number
  throw usageError(`${flag} is ${JSON.stringify(value)}.`, `Give a number above 0: ${flag} 15`)
}
