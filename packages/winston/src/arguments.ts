import { format } from 'node:util'

/** What `util.format` replaces; the same list as winston's. */
const TOKEN = /%[scdjifoO%]/

/**
 * The arguments of a log call that are neither in the message nor merged into the record, and that would be lost. winston
 * merges the first object only, and none at all into a message with tokens that no `format.splat()` has replaced.
 */
export function lostArguments(splat: readonly unknown[], message: string): readonly unknown[] {
  const replaced = !TOKEN.test(message)
  return splat.filter((argument, index) => {
    if (argument === undefined || argument === null || typeof argument === 'function') return false
    if (!replaced) return true
    if (typeof argument === 'object') return index > 0
    return !message.includes(format('%s', argument))
  })
}
