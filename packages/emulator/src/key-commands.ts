import type { Emulator } from './emulator.ts'
import { createFaultMenu } from './fault-menu.ts'
import { openPage } from './open-page.ts'
import { environmentText } from './report.ts'
import type { Report, Shell } from './report.ts'

const KEYS = `
  o  open the page
  f  faults
  e  print the environment again
  c  clear rows, verdicts and the screen
  q  quit

`

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const CLEAR_SCREEN = '\u001B[2J\u001B[3J\u001B[H'

export interface KeyHandlerOptions {
  readonly emulator: Emulator
  readonly report: Report
  readonly shell: Shell
  readonly io: Pick<NodeJS.Process, 'stdout' | 'env' | 'platform'>
  readonly close: () => void
}

/** What the keys of the running command do. */
export function createKeyHandler(options: KeyHandlerOptions): (key: string) => void {
  const { emulator, report, shell, io, close } = options
  const { stdout, env, platform } = io
  const { viewerUrl, faults } = emulator
  const menu = createFaultMenu(faults)
  let menuIsOpen = false

  return (key) => {
    const answer = menuIsOpen ? menu.press(key) : undefined
    if (answer !== undefined) {
      stdout.write(answer)
      return
    }
    menuIsOpen = false
    switch (key) {
      case 'q':
      case CTRL_C:
      case CTRL_D:
        close()
        break
      case 'o':
        void openPage(viewerUrl, env, platform).then((opened) =>
          stdout.write(
            opened ? `opening ${viewerUrl}\n` : `no browser could be started: open ${viewerUrl}\n`,
          ),
        )
        break
      case 'c': {
        // What was switched on stays on.
        const active = faults.active.map(({ text }) => text)
        emulator.clear()
        faults.set(active)
        report.cleared()
        stdout.write(`${CLEAR_SCREEN}cleared\n`)
        break
      }
      case 'f':
        menuIsOpen = true
        stdout.write(menu.show())
        break
      case 'e':
        stdout.write(`${environmentText(emulator, shell)}\n`)
        break
      case '?':
      case 'h':
        stdout.write(KEYS)
        break
      case '\r':
      case '\n':
        // As everywhere: some room between before and after.
        stdout.write('\n')
        break
      default:
    }
  }
}
