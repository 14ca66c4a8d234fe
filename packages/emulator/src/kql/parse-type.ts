import type { Cursor } from './cursor.ts'
import { typeNamed } from './types.ts'
import type { KqlType } from './types.ts'

/** Takes the name of a type. */
export function parseType(cursor: Cursor): KqlType {
  if (cursor.peek().text === '(') {
    throw cursor.unsupported('a tabular parameter', cursor.peek().start)
  }
  const token = cursor.expectName('a type')
  const type = typeNamed(token.text)
  if (type !== undefined) return type
  if (token.text === 'decimal') throw cursor.unsupported('decimal', token.start)
  throw cursor.error('Syntax', `${JSON.stringify(token.text)} is no type`, token.start)
}
