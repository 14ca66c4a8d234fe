import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** The answer of Azure's management API, asked through `az`, or why there is none. */
type ArmAnswer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string }

/** Asks Azure's management API in the name of whoever is logged in to `az`. */
export interface AzureCli {
  /** @param path from `/subscriptions/…` or `/providers/…` on, with its `api-version`. Never rejects. */
  rest(method: 'get' | 'post', path: string, body?: unknown): Promise<ArmAnswer>
}

const run = promisify(execFile)

const MANAGEMENT = {
  azure: 'https://management.azure.com',
  'azure.us': 'https://management.usgovcloudapi.net',
  'azure.cn': 'https://management.chinacloudapi.cn',
}

/** Calls the `az` on PATH. The host of the endpoint tells the cloud. */
export function createAzureCli(endpoint: URL, timeoutMs: number): AzureCli {
  const sovereign = /\.(azure\.(?:us|cn))$/.exec(endpoint.hostname)?.[1] as
    | keyof typeof MANAGEMENT
    | undefined
  const management = MANAGEMENT[sovereign ?? 'azure']
  return {
    async rest(method, path, body) {
      const args = ['rest', '--method', method, '--url', `${management}${path}`, '--output', 'json']
      if (body !== undefined) args.push('--body', JSON.stringify(body))
      try {
        const { stdout } = await run('az', args, { timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024 })
        return { ok: true, value: JSON.parse(stdout) as unknown }
      } catch (error) {
        return { ok: false, why: reasonOf(error) }
      }
    },
  }
}

function reasonOf(error: unknown): string {
  const {
    code,
    killed,
    stderr = '',
  } = error as NodeJS.ErrnoException & {
    readonly killed?: boolean
    readonly stderr?: string
  }
  if (code === 'ENOENT') return 'az is not installed'
  if (killed === true) return 'az did not answer in time'
  if (/az login/.test(stderr)) return 'az is not logged in'
  const said =
    stderr
      .trim()
      .split('\n')
      .find((line) => line !== '') ?? 'no JSON'
  return `az: ${said.replace(/^ERROR:\s*/, '').slice(0, 200)}`
}
