import { KqlError } from './error.ts'
import type { KqlErrorCode } from './error.ts'
import { positionAt, tokenize } from './lexer.ts'
import type { Token } from './lexer.ts'

/** How deep expressions may nest, and how many terms an `a + b + …` may have: every level is a stack frame at run time. */
const MAX_DEPTH = 400

/** What a text is for: a transformation is held to Azure's list of features, a query is not. */
export type Mode = 'transform' | 'query'

/** The tokens of a text and a place among them. */
export interface Cursor {
  /** The next token, or the one `ahead` after it. */
  readonly peek: (ahead?: number) => Token
  readonly next: () => Token
  /** Takes the next token when it is this symbol or this name. */
  readonly accept: (text: string) => boolean
  /** @throws {KqlError} `Syntax` when something else comes next. */
  readonly expect: (text: string) => Token
  readonly expectName: (what: string) => Token
  /** An error at the next token. */
  readonly unexpected: (wanted: string) => KqlError
  readonly error: (code: KqlErrorCode, message: string, at: number) => KqlError
  /** An error about something that Kusto has and this engine has not. */
  readonly unsupported: (what: string, at: number) => KqlError
  /** @throws {KqlError} `LimitExceeded` when `parse` calls itself too often. */
  readonly nested: <T>(parse: () => T) => T
  readonly checkDepth: (depth: number, at: number) => void
}

export function createCursor(text: string, mode: Mode): Cursor {
  const tokens = tokenize(text)
  const last = tokens.length - 1
  let index = 0
  let depth = 0

  const error: Cursor['error'] = (code, message, at) => new KqlError(code, message, positionAt(text, at))
  const peek = (ahead = 0): Token => tokens[Math.min(index + ahead, last)] as Token
  const next = (): Token => {
    const token = peek()
    index += 1
    return token
  }
  const unexpected = (wanted: string): KqlError => {
    const token = peek()
    const found =
      token.kind === 'end' ? 'the end of the text' : JSON.stringify(text.slice(token.start, token.end))
    return error('Syntax', `expected ${wanted}, found ${found}`, token.start)
  }
  const checkDepth = (level: number, at: number): void => {
    if (level > MAX_DEPTH) throw error('LimitExceeded', `nested more than ${MAX_DEPTH} levels deep`, at)
  }

  return {
    peek,
    next,
    accept(wanted) {
      const { kind, text } = peek()
      if ((kind !== 'symbol' && kind !== 'name') || text !== wanted) return false
      index += 1
      return true
    },
    expect(wanted) {
      const { kind, text } = peek()
      if ((kind !== 'symbol' && kind !== 'name') || text !== wanted) throw unexpected(`«${wanted}»`)
      return next()
    },
    expectName(what) {
      if (peek().kind !== 'name') throw unexpected(what)
      return next()
    },
    unexpected,
    error,
    unsupported: (what, at) =>
      mode === 'transform'
        ? error(
            'UnsupportedInTransform',
            `${what}: not supported locally in a transformation (Azure refuses it too)`,
            at,
          )
        : error('UnsupportedLocally', `${what}: not supported locally, fine in Azure`, at),
    checkDepth,
    nested(parse) {
      depth += 1
      checkDepth(depth, peek().start)
      try {
        return parse()
      } finally {
        depth -= 1
      }
    },
  }
}
