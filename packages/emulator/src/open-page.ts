import { spawn } from 'node:child_process'

/**
 * Opens a URL in the browser: `$BROWSER`, or what the system opens pages with. Resolves with whether that could be
 * started.
 */
export function openPage(url: string, env: NodeJS.ProcessEnv, platform: NodeJS.Platform): Promise<boolean> {
  const [command, ...args] = openerOf(url, env, platform)
  return new Promise((resolve) => {
    const opener = spawn(command, args, { stdio: 'ignore', detached: true, env, windowsHide: true })
    opener.once('error', () => resolve(false))
    opener.once('spawn', () => resolve(true))
    opener.unref()
  })
}

function openerOf(
  url: string,
  { BROWSER }: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): readonly [string, ...string[]] {
  if (BROWSER !== undefined && BROWSER !== '') return [BROWSER, url]
  if (platform === 'darwin') return ['open', url]
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url]
  return ['xdg-open', url]
}
