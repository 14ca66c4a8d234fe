import type { Faults } from './faults.ts'

/** What a bad day is made of, to be switched on and off by a digit. */
const PRESETS = [
  '429:10%',
  '503:10%',
  'latency:500±400ms',
  'reset-before:5%',
  'reset-after:5%',
  'half:5%',
  'hang:1%',
  'token-expired:1%',
  '403:for=1m',
] as const

export interface FaultMenu {
  readonly show: () => string
  /** Returns what to print, or nothing when the key is none of the menu's. */
  readonly press: (key: string) => string | undefined
}

/** Switches for faults in the terminal; faults that were set elsewhere stay. */
export function createFaultMenu(faults: Faults): FaultMenu {
  const isActive = (text: string): boolean => faults.active.some((fault) => fault.text === text)

  function show(): string {
    const others = faults.active.map(({ text }) => text).filter((text) => !isPreset(text))
    return [
      'Faults:\n',
      ...PRESETS.map((text, index) => `  ${index + 1} ${isActive(text) ? '●' : '○'} ${text}\n`),
      ...others.map((text) => `    ● ${text}\n`),
      '  a digit switches one, 0 all off; others by --fault and on the page\n',
    ].join('')
  }

  return {
    show,
    press(key) {
      if (key === '0') {
        faults.clear()
        return show()
      }
      const preset = PRESETS[Number(key) - 1]
      if (!/^[1-9]$/.test(key) || preset === undefined) return undefined
      const others = faults.active.map(({ text }) => text).filter((text) => text !== preset)
      faults.change(isActive(preset) ? others : [...others, preset])
      return show()
    },
  }
}

function isPreset(text: string): boolean {
  return (PRESETS as readonly string[]).includes(text)
}
