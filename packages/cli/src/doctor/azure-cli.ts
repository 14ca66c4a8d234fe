import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** What `az` printed, or why there is nothing. */
type AzAnswer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string }

/** Asks Azure's management API in the name of whoever is logged in to `az`. */
export interface AzureCli {
  /** @param path from `/subscriptions/…` or `/providers/…` on, with its `api-version`. Never rejects. */
  rest(method: 'get' | 'post', path: string, body?: unknown): Promise<AzAnswer>
  /** Runs another command of `az`. Never rejects. */
  run(...args: readonly string[]): Promise<AzAnswer>
}

/** How a program is started. */
interface Invocation {
  readonly file: string
  readonly args: readonly string[]
  readonly shell: boolean
  readonly cwd?: string
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

  async function ask(args: readonly string[], body?: unknown): Promise<AzAnswer> {
    let folder: string | undefined
    try {
      const all = [...args, '--output', 'json']
      if (body !== undefined) {
        // In a file, because no shell of Windows takes JSON as an argument.
        folder = await mkdtemp(join(tmpdir(), 'azlogs-az-'))
        const path = join(folder, 'body.json')
        await writeFile(path, JSON.stringify(body))
        all.push('--body', `@${path}`)
      }
      const { file, args: given, ...how } = azInvocation(all)
      const options = { ...how, timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024 }
      const { stdout } = await run(file, given, options)
      return { ok: true, value: JSON.parse(stdout) as unknown }
    } catch (error) {
      return { ok: false, why: reasonOf(error) }
    } finally {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true })
    }
  }

  return {
    run: (...args) => ask(args),
    rest: (method, path, body) => ask(['rest', '--method', method, '--url', `${management}${path}`], body),
  }
}

/**
 * How to start `az` with these arguments. On Windows it is `az.cmd`, which Node.js starts through the shell only
 * (https://nodejs.org/api/child_process.html#spawning-bat-and-cmd-files-on-windows): cmd.exe takes what stands in double quotes as it is.
 *
 * @throws {Error} on Windows for an argument that quotes do not keep together.
 */
export function azInvocation(
  args: readonly string[],
  platform: NodeJS.Platform = process.platform,
): Invocation {
  if (platform !== 'win32') return { file: 'az', args, shell: false }
  const unsafe = args.find((arg) => /["%\r\n\0]|\\$/.test(arg))
  if (unsafe !== undefined) throw new Error(`cmd.exe cannot be given ${JSON.stringify(unsafe)}`)
  const line = ['az', ...args.map((arg) => `"${arg}"`)].join(' ')
  // cmd.exe looks into the current folder before PATH: an az.cmd that lies there is not ours to run.
  return { file: line, args: [], shell: true, cwd: process.env['SystemRoot'] ?? 'C:\\Windows' }
}

function reasonOf(error: unknown): string {
  const {
    code,
    killed,
    message,
    stderr = '',
  } = error as NodeJS.ErrnoException & {
    readonly killed?: boolean
    readonly stderr?: string
  }
  if (code === 'ENOENT' || /is not recognized/.test(stderr)) return 'az is not installed'
  if (killed === true) return 'az did not answer in time'
  if (/az login/.test(stderr)) return 'az is not logged in'
  const said =
    stderr
      .trim()
      .split('\n')
      .find((line) => line !== '') ?? message
  return `az: ${said.replace(/^ERROR:\s*/, '').slice(0, 200)}`
}
