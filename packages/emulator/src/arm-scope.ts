import { evaluate, ExpressionError } from './arm-expression.ts'
import type { Resource } from './arm-resource.ts'
import { isObject } from './definition.ts'
import type { Report } from './schema-problem.ts'

/** The parameters and variables of one template. */
export interface Scope {
  /**
   * A copy with every expression in it resolved.
   *
   * @throws {ExpressionError} for the first that cannot be.
   */
  readonly resolve: (value: unknown) => unknown
  readonly resolver: (report: Report) => Pick<Resource, 'resolve' | 'tryResolve'>
}

/** Deeper, a variable is defined by itself. */
const MAX_DEPTH = 100

/**
 * @param given values for parameters as `{ name: { value } }`; the first that has one counts, then the default.
 * @param outer resolves the given values, for a module.
 */
export function createScope(
  template: Readonly<Record<string, unknown>>,
  given: readonly unknown[],
  outer?: Scope,
): Scope {
  const declared = isObject(template['parameters']) ? template['parameters'] : {}
  const variables = isObject(template['variables']) ? template['variables'] : {}
  let depth = 0

  const parameter = (name: string): unknown => {
    for (const values of given) {
      const entry = isObject(values) ? values[name] : undefined
      if (isObject(entry) && 'value' in entry)
        return outer === undefined ? entry['value'] : outer.resolve(entry['value'])
    }
    const declaration = declared[name]
    if (!isObject(declaration)) throw new ExpressionError(`there is no parameter ${name}`)
    if (!('defaultValue' in declaration)) {
      throw new ExpressionError(
        `parameter ${name} has no default value: hand in the parameters file too, or the JSON of what was deployed`,
      )
    }
    return resolve(declaration['defaultValue'])
  }
  const variable = (name: string): unknown => {
    if (!Object.hasOwn(variables, name))
      throw new ExpressionError(`variable ${name} has no value that can be resolved locally`)
    return resolve(variables[name])
  }

  const resolveText = (text: string): unknown => {
    if (text.startsWith('[[')) return text.slice(1)
    if (!text.startsWith('[') || !text.endsWith(']')) return text
    depth += 1
    try {
      if (depth > MAX_DEPTH) throw new ExpressionError(`${text} is defined by itself`)
      return evaluate(text.slice(1, -1), { parameters: parameter, variables: variable })
    } finally {
      depth -= 1
    }
  }
  const resolve = (value: unknown): unknown => {
    if (typeof value === 'string') return resolveText(value)
    if (Array.isArray(value)) return value.map(resolve)
    if (!isObject(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [String(resolveText(key)), resolve(member)]),
    )
  }

  return {
    resolve,
    resolver: (report) => ({
      resolve(value, path) {
        try {
          return resolve(value)
        } catch (error) {
          if (!(error instanceof ExpressionError)) throw error
          report('UnsupportedLocally', path, error.message)
          return undefined
        }
      },
      tryResolve(value) {
        try {
          return resolve(value)
        } catch (error) {
          if (error instanceof ExpressionError) return undefined
          throw error
        }
      },
    }),
  }
}
