import { createHash } from 'node:crypto'

import { RowFault, withinTextLimit } from '../bound.ts'
import { isArray, jsonText } from '../dynamic.ts'
import { allMatches, compileRegex, quoteRegex, replaceMatches } from '../regex.ts'
import type { Integer } from '../integer.ts'
import type { Value } from '../types.ts'
import type { Family } from './signature.ts'

/** learn.microsoft.com/kusto/query/scalar-functions, «String functions». A character is a Unicode code point. */
export const stringFunctions: Family = {
  'strlen(text: string): long': (text: string) => lengthOf(text),
  'string_size(text: string): long': (text: string) => Buffer.byteLength(text),
  'tolower(text: text): string': (text: string) => text.toLowerCase(),
  'toupper(text: text): string': (text: string) => text.toUpperCase(),
  'reverse(text: text): string': (text: string) => Array.from(text).toReversed().join(''),
  'strcat(part: text...): string': (...parts: readonly string[]) => withinTextLimit(parts.join('')),
  'strcat_delim(delimiter: text, first: text, part: text...): string': (
    delimiter: string,
    ...parts: readonly string[]
  ) => withinTextLimit(parts.join(delimiter)),
  'strcat_array(array: dynamic, delimiter: text): string': (array: Value, delimiter: string) =>
    isArray(array) ? withinTextLimit(array.map(itemText).join(delimiter)) : '',
  'strcmp(left: text, right: text): long': (left: string, right: string) =>
    left === right ? 0 : left < right ? -1 : 1,
  'strrep(text: text, times: long, delimiter?: text): string': (
    text: string,
    times: Integer,
    delimiter = '',
  ) => {
    const count = Math.min(Math.max(Number(times), 0), 1024)
    if ((text.length + delimiter.length) * count > 1_048_576)
      throw new RowFault('strrep() makes a string over 1 MB')
    return Array.from({ length: count }, () => text).join(delimiter)
  },
  'substring(text: text, start: long, length?: long): string': (
    text: string,
    start: Integer,
    length?: Integer,
  ) => {
    const characters = isPlain(text) ? text : Array.from(text)
    const from = start < 0 ? Math.max(characters.length + Number(start), 0) : Number(start)
    const end = length === undefined ? undefined : from + Math.max(Number(length), 0)
    const part = characters.slice(from, end)
    return typeof part === 'string' ? part : part.join('')
  },
  'indexof(text: text, sought: text, start?: long, length?: long, occurrence?: long): long': indexOf,
  'countof(text: string, sought: string, kind?: string): long': (
    text: string,
    sought: string,
    kind = 'normal',
  ) => {
    if (kind === 'regex') return allMatches(text, compileRegex(sought)).length
    if (sought === '') return 0
    let count = 0
    // Overlapping ones count: countof("aaa", "aa") is 2.
    for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) count += 1
    return count
  },
  'replace_string(text: string, sought: string, replacement: string): string': (
    text: string,
    sought: string,
    replacement: string,
  ) => {
    if (sought === '') return text
    const pieces = text.split(sought)
    if (text.length + pieces.length * replacement.length > 4_194_304)
      throw new RowFault('a string grew over 4 MB')
    return withinTextLimit(pieces.join(replacement))
  },
  'translate(from: string, to: string, text: string): string': (from: string, to: string, text: string) => {
    const targets = Array.from(to)
    const map = new Map(
      Array.from(from).map((character, index) => [character, targets[index] ?? targets.at(-1) ?? '']),
    )
    return Array.from(text)
      .map((character) => map.get(character) ?? character)
      .join('')
  },
  'split(text: text, delimiter: string, index?: long): dynamic': (
    text: string,
    delimiter: string,
    index?: Integer,
  ) => {
    const parts = delimiter === '' ? [text] : text.split(delimiter)
    return index === undefined ? parts : parts.slice(Number(index), Number(index) + 1)
  },
  'trim(regex: string, text: string): string': (regex: string, text: string) =>
    trimEnd(trimStart(text, regex), regex),
  'trim_start(regex: string, text: string): string': (regex: string, text: string) => trimStart(text, regex),
  'trim_end(regex: string, text: string): string': (regex: string, text: string) => trimEnd(text, regex),
  'replace_regex(text: string, regex: string, replacement: string): string': (
    text: string,
    regex: string,
    replacement: string,
  ) => withinTextLimit(replaceMatches(text, compileRegex(regex), replacement)),
  'replace(regex: string, replacement: string, text: string): string': (
    regex: string,
    replacement: string,
    text: string,
  ) => withinTextLimit(replaceMatches(text, compileRegex(regex), replacement)),
  'regex_quote(text: text): string': (text: string) => quoteRegex(text),
  'hash_sha256(value: scalar): string': (text: string) => digest('sha256', text),
  'hash_sha1(value: scalar): string': (text: string) => digest('sha1', text),
  'hash_md5(value: scalar): string': (text: string) => digest('md5', text),
  ...both('base64_encodestring', 'base64_encode_tostring', (text) => Buffer.from(text).toString('base64')),
  ...both('base64_decodestring', 'base64_decode_tostring', decodeBase64),
  'url_encode(text: string): string': (text: string) =>
    encodeURIComponent(Buffer.from(text).toString())
      .replaceAll('%20', '+')
      .replaceAll(/[!'()*]/g, percentEncoded),
  'url_encode_component(text: string): string': (text: string) =>
    encodeURIComponent(Buffer.from(text).toString()).replaceAll(/[!'()*]/g, percentEncoded),
  'url_decode(text: string): string': (text: string) => decodeUrl(text),
  'tohex(value: long, length?: long): string': (value: Integer, length?: Integer) =>
    BigInt.asUintN(64, BigInt(value))
      .toString(16)
      .padStart(Math.min(Number(length ?? 0), 64), '0'),
}

/** Azure has two names for these: the first in transformations, the second elsewhere. */
function both(first: string, second: string, evaluate: (text: string) => string): Family {
  return { [`${first}(text: string): string`]: evaluate, [`${second}(text: string): string`]: evaluate }
}

/** No surrogate pairs: characters and UTF-16 units are the same. */
function isPlain(text: string): boolean {
  return !/[\uD800-\uDFFF]/.test(text)
}

function lengthOf(text: string): number {
  return isPlain(text) ? text.length : Array.from(text).length
}

function itemText(item: unknown): string {
  return typeof item === 'string' ? item : jsonText(item)
}

/** -1 when it is not there; null for arguments that make no sense (kusto/query/indexof-function). */
function indexOf(
  text: string,
  sought: string,
  start: Integer = 0,
  length: Integer = -1,
  occurrence: Integer = 1,
): number | null {
  if (Number(occurrence) < 1 || Number(length) < -1) return null
  const from = start < 0 ? Math.max(text.length + Number(start), 0) : Number(start)
  const window = Number(length) === -1 ? text : text.slice(0, from + Number(length))
  let found = window.indexOf(sought, from)
  for (let left = Number(occurrence) - 1; left > 0 && found >= 0; left -= 1) {
    found = window.indexOf(sought, found + 1)
  }
  return found < 0 ? -1 : lengthOf(text.slice(0, found))
}

function trimStart(text: string, regex: string): string {
  return replaceMatches(text, compileRegex(`^(?:${regex})`), '')
}

function trimEnd(text: string, regex: string): string {
  return replaceMatches(text, compileRegex(`(?:${regex})$`), '')
}

function digest(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('hex')
}

/** Empty when it is no base64, or not UTF-8 inside. */
function decodeBase64(text: string): string {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return ''
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64'))
  } catch {
    return ''
  }
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

function decodeUrl(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
