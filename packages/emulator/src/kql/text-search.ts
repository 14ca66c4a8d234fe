/** A test of a text against another. */
type TextTest = (text: string, sought: string) => boolean

/**
 * The string operators (learn.microsoft.com/kusto/query/datatypes-string-operators). Those without `_cs` ignore case,
 * `==` and `!=` do not. A term is a maximal run of ASCII letters and digits.
 */
export const TEXT_TESTS: Readonly<Record<string, TextTest>> = {
  '=~': (text, sought) => text.toLowerCase() === sought.toLowerCase(),
  contains_cs: (text, sought) => text.includes(sought),
  startswith_cs: (text, sought) => text.startsWith(sought),
  endswith_cs: (text, sought) => text.endsWith(sought),
  has_cs: (text, sought) => hasTerm(text, sought, true, true),
  hasprefix_cs: (text, sought) => hasTerm(text, sought, true, false),
  hassuffix_cs: (text, sought) => hasTerm(text, sought, false, true),
  ...Object.fromEntries(
    ['contains', 'startswith', 'endswith', 'has', 'hasprefix', 'hassuffix'].map((name) => [
      name,
      (text: string, sought: string): boolean =>
        (TEXT_TESTS[`${name}_cs`] as TextTest)(text.toLowerCase(), sought.toLowerCase()),
    ]),
  ),
}

/** Whether `sought` stands in the text with no letter or digit of the same term beside it. */
function hasTerm(text: string, sought: string, wholeStart: boolean, wholeEnd: boolean): boolean {
  if (sought === '') return true
  const startBinds = wholeStart && isTermCharacter(sought, 0)
  const endBinds = wholeEnd && isTermCharacter(sought, sought.length - 1)
  for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) {
    const end = at + sought.length
    if (!(startBinds && isTermCharacter(text, at - 1)) && !(endBinds && isTermCharacter(text, end)))
      return true
  }
  return false
}

function isTermCharacter(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
}
