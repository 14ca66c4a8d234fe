const FENCES = ['```', '~~~'] as const
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
}

/** What stands between the quotes, and where the text goes on; without `end` the closing quote is missing. */
export interface Quoted {
  readonly content: string
  readonly end: number | undefined
}

/**
 * Reads a string literal that starts at `at`: '…', "…", verbatim @'…', obfuscated h'…', and multi-line between fences
 * (learn.microsoft.com/kusto/query/scalar-data-types/string). Undefined when there is none.
 */
export function readQuoted(text: string, at: number): Quoted | undefined {
  let start = at
  if ((text[start] === 'h' || text[start] === 'H') && isOpening(text, start + 1)) start += 1
  const fence = FENCES.find((candidate) => text.startsWith(candidate, start))
  if (fence !== undefined) {
    const close = text.indexOf(fence, start + fence.length)
    return close < 0
      ? { content: '', end: undefined }
      : { content: text.slice(start + fence.length, close), end: close + fence.length }
  }
  const verbatim = text[start] === '@'
  if (verbatim) start += 1
  const quote = text[start]
  if (quote !== '"' && quote !== "'") return undefined
  return verbatim ? readVerbatim(text, start + 1, quote) : readEscaped(text, start + 1, quote)
}

function isOpening(text: string, at: number): boolean {
  const next = text[at] === '@' ? at + 1 : at
  return text[next] === '"' || text[next] === "'" || FENCES.some((fence) => text.startsWith(fence, at))
}

/** A doubled quote is a quote; a backslash is a backslash. */
function readVerbatim(text: string, from: number, quote: string): Quoted {
  let content = ''
  let at = from
  for (;;) {
    const close = text.indexOf(quote, at)
    if (close < 0) return { content, end: undefined }
    content += text.slice(at, close)
    if (text[close + 1] !== quote) return { content, end: close + 1 }
    content += quote
    at = close + 2
  }
}

function readEscaped(text: string, from: number, quote: string): Quoted {
  let content = ''
  let at = from
  while (at < text.length && text[at] !== quote && text[at] !== '\n') {
    if (text[at] !== '\\') {
      content += text[at]
      at += 1
      continue
    }
    const [, unicode, hex] = /^\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))/.exec(text.slice(at, at + 6)) ?? []
    const code = unicode ?? hex
    if (code !== undefined) {
      content += String.fromCharCode(Number.parseInt(code, 16))
      at += code.length + 2
      continue
    }
    const escaped = text[at + 1] ?? ''
    if (!Object.hasOwn(ESCAPES, escaped)) return { content, end: undefined }
    content += ESCAPES[escaped]
    at += 2
  }
  return { content, end: text[at] === quote ? at + 1 : undefined }
}
