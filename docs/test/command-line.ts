import { commands } from '../../packages/cli/src/commands.ts'

/** The calls of `npx azlogs …` and `npx azlogs-emulator …` in a text, as words. */
export function callsIn(text: string): readonly (readonly string[])[] {
  const joined = text.replaceAll(/\\\n\s*/g, ' ')
  return Array.from(joined.matchAll(/\bnpx (azlogs(?:-emulator)?)\b([^|#\n]*)/g), ([, name, rest = '']) => {
    const words = rest
      .replaceAll(/"[^"]*"|'[^']*'/g, 'text')
      .trim()
      .split(/\s+/)
      .filter(Boolean)
    // The emulator's own command has the flags of `azlogs dev`.
    return name === 'azlogs-emulator' ? ['dev', ...words] : words
  })
}

/** What is wrong with a call: a command or a flag that there is not. */
export function callProblem(words: readonly string[]): string | undefined {
  const command = leafOf(words)
  if (command === undefined) return `there is no azlogs ${words.join(' ')}`
  const known = new Set(['help', ...Object.entries(command.args ?? {}).flatMap(namesOf)])
  const strangers = words.filter(
    (word) => word.startsWith('--') && !known.has(word.replace(/^--/, '').replace(/=.*/, '')),
  )
  return strangers.length === 0 ? undefined : `azlogs ${words.join(' ')}: there is no ${strangers.join(', ')}`
}

type Command = (typeof commands)[string]

function leafOf(words: readonly string[]): Command | undefined {
  let inner: Readonly<Record<string, Command>> | undefined = commands
  let command: Command | undefined
  for (const word of words) {
    if (inner === undefined) break
    command = inner[word]
    inner = command?.subCommands as Readonly<Record<string, Command>> | undefined
  }
  return command
}

function namesOf([name, arg]: [string, unknown]): readonly string[] {
  return (arg as { readonly type?: string }).type === 'boolean' ? [name, `no-${name}`] : [name]
}
