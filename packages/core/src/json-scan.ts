import { isUtf8 } from 'node:buffer'

import { isSpace } from './record-scanner.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const COLON = 0x3a
const COMMA = 0x2c
const MINUS = 0x2d
const PLUS = 0x2b
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const LETTER_E = 0x65
const LETTER_U = 0x75

/** JSON that is nested more deeply is left to a parser. */
const MAX_DEPTH = 64

/** The widest of the four bytes that are white space. */
const SPACE = 0x20

/**
 * Where the JSON value ends that begins at `at`, or -1 when there is none, by the rules of JSON.parse. Nothing is made of it: this costs
 * a fraction of parsing.
 */
export function skipValue(text: string, at: number, depth = 0): number {
  const first = text.charCodeAt(at)
  if (first === QUOTE) return skipString(text, at)
  if (first === OPEN_OBJECT) return depth === MAX_DEPTH ? -1 : skipObject(text, at, depth + 1)
  if (first === OPEN_ARRAY) return depth === MAX_DEPTH ? -1 : skipArray(text, at, depth + 1)
  if (first === MINUS || isDigit(first)) return skipNumber(text, at)
  for (const word of WORDS) if (text.startsWith(word, at)) return at + word.length
  return -1
}

/** True when the bytes are one JSON object and nothing else. False also where only a parser could tell. */
export function isJsonObject(bytes: Buffer): boolean {
  if (bytes[0] !== OPEN_OBJECT || !isUtf8(bytes)) return false
  // As bytes, not as characters: all that JSON is made of is ASCII, and between quotes anything else may stand.
  return skipValue(bytes.toString('latin1'), 0) === bytes.length
}

const WORDS = ['true', 'false', 'null'] as const

/** Where the string ends whose opening quote is at `at`, or -1. */
export function skipString(text: string, at: number): number {
  if (text.charCodeAt(at) !== QUOTE) return -1
  for (let index = at + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === QUOTE) return index + 1
    if (code < 0x20) return -1
    if (code === BACKSLASH) {
      index += 1
      const escaped = text.charCodeAt(index)
      if (escaped === LETTER_U) {
        for (let digit = 1; digit <= 4; digit += 1) if (!isHex(text.charCodeAt(index + digit))) return -1
        index += 4
      } else if (!ESCAPES.has(escaped)) return -1
    }
  }
  return -1
}

const ESCAPES: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'))

function skipObject(text: string, at: number, depth: number): number {
  let index = skipSpace(text, at + 1)
  if (text.charCodeAt(index) === CLOSE_OBJECT) return index + 1
  for (;;) {
    index = skipString(text, index)
    if (index === -1) return -1
    index = skipSpace(text, index)
    if (text.charCodeAt(index) !== COLON) return -1
    index = skipValue(text, skipSpace(text, index + 1), depth)
    if (index === -1) return -1
    index = skipSpace(text, index)
    const next = text.charCodeAt(index)
    if (next === CLOSE_OBJECT) return index + 1
    if (next !== COMMA) return -1
    index = skipSpace(text, index + 1)
  }
}

function skipArray(text: string, at: number, depth: number): number {
  let index = skipSpace(text, at + 1)
  if (text.charCodeAt(index) === CLOSE_ARRAY) return index + 1
  for (;;) {
    index = skipValue(text, index, depth)
    if (index === -1) return -1
    index = skipSpace(text, index)
    const next = text.charCodeAt(index)
    if (next === CLOSE_ARRAY) return index + 1
    if (next !== COMMA) return -1
    index = skipSpace(text, index + 1)
  }
}

function skipSpace(text: string, at: number): number {
  let index = at
  // Nearly always there is none, and one comparison tells.
  while (text.charCodeAt(index) <= SPACE && isSpace(text.charCodeAt(index))) index += 1
  return index
}

// https://www.rfc-editor.org/rfc/rfc8259#section-6
function skipNumber(text: string, at: number): number {
  let index = text.charCodeAt(at) === MINUS ? at + 1 : at
  const integer = index
  index = skipDigits(text, index)
  if (index === integer || (text.charCodeAt(integer) === ZERO && index > integer + 1)) return -1
  if (text.charCodeAt(index) === DOT) {
    const fraction = index + 1
    index = skipDigits(text, fraction)
    if (index === fraction) return -1
  }
  if ((text.charCodeAt(index) | 0x20) === LETTER_E) {
    index += 1
    const sign = text.charCodeAt(index)
    if (sign === PLUS || sign === MINUS) index += 1
    const exponent = index
    index = skipDigits(text, exponent)
    if (index === exponent) return -1
  }
  return index
}

function skipDigits(text: string, at: number): number {
  let index = at
  while (isDigit(text.charCodeAt(index))) index += 1
  return index
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE
}

function isHex(code: number): boolean {
  return isDigit(code) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66)
}
