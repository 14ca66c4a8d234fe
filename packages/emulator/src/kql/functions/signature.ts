import type { KqlType, Value } from '../types.ts'

/**
 * What a parameter takes. `any` takes it as it is, `text` anything as its text, `scalar` likewise but no dynamic, `member`
 * anything as a part of a `dynamic`, `string` a string or a dynamic, `number` all three kinds, `long` the two without a fraction.
 */
export type ParameterType = Exclude<KqlType, 'int' | 'guid'> | 'any' | 'text' | 'scalar' | 'member' | 'number'

interface ParameterSignature {
  readonly name: string
  readonly type: ParameterType
  readonly optional: boolean
  /** Any number of arguments, one at least. */
  readonly repeated: boolean
}

/** A function whose result type follows from its name alone; `same` is the type of its first argument. */
export interface PlainFunction {
  readonly parameters: readonly ParameterSignature[]
  readonly result: KqlType | 'same'
  readonly evaluate: (...values: readonly never[]) => Value
  /** Called with nulls too; the others give null when an argument is null. */
  readonly takesNulls: boolean
}

/** The functions of one file: `'strlen(text: text): long'` and what it does. */
export type Family = Readonly<
  Record<
    string,
    ((...values: readonly never[]) => Value) | { readonly withNulls: (...values: readonly never[]) => Value }
  >
>

const SIGNATURE = /^(\w+)\((.*)\): (\w+)$/
const PARAMETER = /^(\w+)(\?)?: (\w+)(\.\.\.)?$/

/** @throws {Error} when a signature is misspelt, which is a fault of this package. */
export function readFamily(family: Family): readonly (readonly [name: string, definition: PlainFunction])[] {
  return Object.entries(family).map(([text, value]) => {
    const [, name, list, result] = SIGNATURE.exec(text) ?? []
    if (name === undefined || list === undefined) throw new Error(`no signature: ${text}`)
    const parameters = list === '' ? [] : list.split(', ').map(readParameter)
    const takesNulls = typeof value === 'object'
    const evaluate = typeof value === 'object' ? value.withNulls : value
    return [name, { parameters, result: result as KqlType | 'same', evaluate, takesNulls }]
  })
}

function readParameter(text: string): ParameterSignature {
  const [, name, optional, type, repeated] = PARAMETER.exec(text) ?? []
  if (name === undefined) throw new Error(`no parameter: ${text}`)
  return {
    name,
    type: type as ParameterType,
    optional: optional !== undefined,
    repeated: repeated !== undefined,
  }
}
