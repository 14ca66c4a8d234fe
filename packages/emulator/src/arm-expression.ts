import { isObject } from './definition.ts'

// Template expressions (learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions): the functions
// that compiled Bicep uses to name things and to build lists of columns. The others need a subscription.

/** Why an expression has no value here. */
export class ExpressionError extends Error {
  override readonly name: string = 'ExpressionError'
}

export interface Environment {
  readonly parameters: (name: string) => unknown
  readonly variables: (name: string) => unknown
}

type Expression =
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'member'; readonly of: Expression; readonly key: Expression }

const TOKEN =
  /\s*(?:(?<text>'(?:[^']|'')*')|(?<number>-?\d+)|(?<name>[A-Za-z_][\w.]*?(?=\s*\()|[A-Za-z_]\w*)|(?<mark>[()[\],.]))/y

/**
 * Evaluates what stands between the brackets of a template string.
 *
 * @throws {ExpressionError} that names the function, the parameter or the place that has no value here.
 */
export function evaluate(text: string, environment: Environment): unknown {
  return valueOf(parse(text), environment, new Map())
}

function parse(text: string): Expression {
  const tokens = tokensOf(text)
  let position = 0
  const peek = (): string | undefined => tokens[position]
  const take = (mark: string): void => {
    if (tokens[position] !== mark) throw new ExpressionError(`expected ${mark} in ${text}`)
    position += 1
  }
  const expression = (): Expression => {
    const token = tokens[position] ?? ''
    position += 1
    let result: Expression
    if (token.startsWith("'")) {
      result = { kind: 'literal', value: token.slice(1, -1).replaceAll("''", "'") }
    } else if (/^-?\d/.test(token)) {
      result = { kind: 'literal', value: Number(token) }
    } else if (/^[A-Za-z_]/.test(token)) {
      take('(')
      const args: Expression[] = []
      while (peek() !== ')') {
        if (args.length > 0) take(',')
        args.push(expression())
      }
      take(')')
      result = { kind: 'call', name: token, args }
    } else {
      throw new ExpressionError(`cannot read ${text}`)
    }
    for (;;) {
      if (peek() === '.') {
        position += 1
        result = { kind: 'member', of: result, key: { kind: 'literal', value: tokens[position] ?? '' } }
        position += 1
      } else if (peek() === '[') {
        position += 1
        result = { kind: 'member', of: result, key: expression() }
        take(']')
      } else {
        return result
      }
    }
  }
  const result = expression()
  if (position < tokens.length) throw new ExpressionError(`cannot read ${text}`)
  return result
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = []
  const pattern = new RegExp(TOKEN)
  while (text.slice(pattern.lastIndex).trim() !== '') {
    const match = pattern.exec(text)
    if (match === null) throw new ExpressionError(`cannot read ${text}`)
    tokens.push(match[0].trim())
  }
  return tokens
}

type LambdaVariables = ReadonlyMap<string, unknown>

function valueOf(expression: Expression, environment: Environment, lambda: LambdaVariables): unknown {
  switch (expression.kind) {
    case 'literal':
      return expression.value
    case 'member':
      return memberOf(
        valueOf(expression.of, environment, lambda),
        valueOf(expression.key, environment, lambda),
      )
    default:
      return call(expression, environment, lambda)
  }
}

function call(
  { name, args }: Extract<Expression, { readonly kind: 'call' }>,
  environment: Environment,
  lambda: LambdaVariables,
): unknown {
  // Function names have no case in templates.
  if (name.toLowerCase() === 'map') {
    const [list, body] = args
    const items = list === undefined ? undefined : valueOf(list, environment, lambda)
    if (!Array.isArray(items) || body?.kind !== 'call' || body.name.toLowerCase() !== 'lambda')
      throw new ExpressionError('map() takes an array and a lambda')
    const [variable, result] = body.args
    if (variable?.kind !== 'literal' || result === undefined)
      throw new ExpressionError('lambda() takes the name of a variable and an expression')
    return items.map((item: unknown) =>
      valueOf(result, environment, new Map(lambda).set(String(variable.value), item)),
    )
  }
  const values = args.map((argument) => valueOf(argument, environment, lambda))
  const [first] = values
  switch (name.toLowerCase()) {
    case 'parameters':
      return environment.parameters(String(first))
    case 'variables':
      return environment.variables(String(first))
    case 'lambdavariables':
      return lambda.get(String(first))
    case 'format':
      return format(String(first), values.slice(1))
    case 'concat':
      return Array.isArray(first) ? values.flat() : values.map(textOf).join('')
    case 'createarray':
      return values
    case 'createobject':
      return Object.fromEntries(
        values.flatMap((value, index) =>
          index % 2 === 0 ? [[String(value), values[index + 1]] as const] : [],
        ),
      )
    case 'tolower':
      return String(first).toLowerCase()
    case 'toupper':
      return String(first).toUpperCase()
    case 'true':
      return true
    case 'false':
      return false
    case 'null':
      return null
    default:
      throw new ExpressionError(`${name}() cannot be resolved locally`)
  }
}

function format(pattern: string, values: readonly unknown[]): string {
  return pattern.replaceAll(/\{\{|\}\}|\{(\d+)\}/g, (match, index?: string) =>
    index === undefined ? match.slice(1) : textOf(values[Number(index)]),
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function memberOf(value: unknown, key: unknown): unknown {
  if (Array.isArray(value) && typeof key === 'number' && key < value.length) return value[key]
  if (isObject(value) && typeof key === 'string' && Object.hasOwn(value, key)) return value[key]
  throw new ExpressionError(`there is no member ${JSON.stringify(key)}`)
}
