import { bindBinary } from './binary.ts'
import { constantOf } from './bound.ts'
import type { Bound, Definition, Scope } from './bound.ts'
import { elementOf, memberOf } from './dynamic.ts'
import type { KqlError } from './error.ts'
import { AZURE_FUNCTIONS, refusedInTransforms } from './functions/azure.ts'
import { bindCall, hasFunction, rawArguments } from './functions/registry.ts'
import { converted, folded } from './coerce.ts'
import { bindList } from './list.ts'
import type { Expression } from './syntax.ts'
import { isNumber } from './types.ts'

/** @throws {KqlError} with the code of what is wrong with a name, a call or a type. */
export function bindExpression(syntax: Expression, scope: Scope): Bound {
  const { environment } = scope
  const { at } = syntax
  environment.charge(at)
  const bind = (inner: Expression): Bound => bindExpression(inner, scope)
  const fail = (message: string): KqlError => environment.error('Semantic', message, at)
  switch (syntax.kind) {
    case 'literal':
      return constantOf(syntax.type, syntax.value, at)
    case 'name':
      return bindName(syntax.name, scope, at)
    case 'star':
      throw environment.error('UnsupportedLocally', '«*» as an expression: not supported locally', at)
    case 'typeof':
      throw fail('typeof() can stand only as an argument')
    case 'member': {
      const target = bind(syntax.target)
      if (target.type !== 'dynamic')
        throw fail(`a ${target.type} has no members: parse_json() makes a dynamic of a string`)
      const { name } = syntax
      const { evaluate } = target
      return {
        type: 'dynamic',
        at,
        evaluate: (row) => memberOf(evaluate(row), name),
        ...pathName(target, name),
      }
    }
    case 'index': {
      const target = bind(syntax.target)
      const index = bind(syntax.index)
      if (target.type !== 'dynamic') throw fail(`a ${target.type} has no elements`)
      if (
        index.type !== 'string' &&
        index.type !== 'dynamic' &&
        (!isNumber(index.type) || index.type === 'real')
      ) {
        throw fail(`an index must be a string or an integer, not a ${index.type}`)
      }
      const evaluate = target.evaluate
      return folded(
        {
          type: 'dynamic',
          at,
          evaluate: (row) => elementOf(evaluate(row), index.evaluate(row)),
          ...(index.constant === undefined ? {} : pathName(target, String(index.constant.value))),
        },
        [target, index],
      )
    }
    case 'minus': {
      const operand = bind(syntax.operand)
      if (!isNumber(operand.type) && operand.type !== 'timespan')
        throw fail(`«-» takes a number or a timespan, not a ${operand.type}`)
      const type = operand.type === 'int' ? 'long' : operand.type
      const { evaluate } = operand
      const negate = (value: unknown): unknown =>
        value === null ? null : typeof value === 'bigint' ? -value : 0 - Number(value)
      return folded({ type, at, evaluate: (row) => negate(evaluate(row)) }, [operand])
    }
    case 'binary':
      environment.note(syntax.operator)
      if (syntax.left.kind === 'star') return bindAnywhere(syntax, scope)
      return guarded(scope, at, () =>
        bindBinary({
          operator: syntax.operator,
          left: bind(syntax.left),
          right: bind(syntax.right),
          at,
          fail,
          unsupported: (message) => environment.error('UnsupportedLocally', message, at),
        }),
      )
    case 'list':
      environment.note(syntax.operator)
      return guarded(scope, at, () => bindList(syntax, scope, bind))
    default:
      return guarded(scope, at, () => bindNamedCall(syntax, scope))
  }
}

type BinarySyntax = Extract<Expression, { readonly kind: 'binary' }>

/** `* has "timeout"`: true when it is of the text of any column. */
function bindAnywhere(syntax: BinarySyntax, scope: Scope): Bound {
  const { at } = syntax
  if (
    !/^(?:has|contains|startswith|endswith|hasprefix|hassuffix)(?:_cs)?$|^matches regex$/.test(
      syntax.operator,
    )
  ) {
    throw scope.environment.error('UnsupportedLocally', `«* ${syntax.operator}»: not supported locally`, at)
  }
  const tests = scope.columns.map(({ name }) => {
    const text: Expression = { kind: 'call', name: 'tostring', arguments: [{ kind: 'name', name, at }], at }
    return bindExpression({ ...syntax, left: text }, scope).evaluate
  })
  return { type: 'bool', at, evaluate: (row) => tests.some((test) => test(row) === true) }
}

/** What a constant makes impossible is found when it is folded. */
function guarded(scope: Scope, at: number, bind: () => Bound): Bound {
  try {
    return bind()
  } catch (error) {
    throw scope.environment.positioned(error, at)
  }
}

function pathName(target: Bound, part: string): { readonly name?: string } {
  return target.name === undefined ? {} : { name: `${target.name}_${part}` }
}

function bindName(name: string, scope: Scope, at: number): Bound {
  const column = scope.columns.find((candidate) => candidate.name === name)
  if (column !== undefined) {
    column.use?.()
    const { slot, type } = column
    return { type, at, evaluate: (row) => row[slot], name }
  }
  const definition = scope.definitions.get(name)
  if (definition?.kind === 'scalar') return { ...definition.bound, at }
  if (definition !== undefined) {
    throw scope.environment.error(
      'Semantic',
      `${name} is a ${definition.kind === 'function' ? 'function' : 'table'}, not a value`,
      at,
    )
  }
  throw scope.environment.error(
    'Semantic',
    `there is no column ${JSON.stringify(name)}${suggestion(name, scope)}`,
    at,
  )
}

function suggestion(name: string, scope: Scope): string {
  const names = scope.columns.map((column) => column.name)
  const folded = names.find((candidate) => candidate.toLowerCase() === name.toLowerCase())
  if (folded !== undefined) return `: it is written ${folded}`
  return names.length === 0
    ? ''
    : `; there is: ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}`
}

type CallSyntax = Extract<Expression, { readonly kind: 'call' }>

function bindNamedCall(syntax: CallSyntax, scope: Scope): Bound {
  const { name, at } = syntax
  const { environment } = scope
  const definition = scope.definitions.get(name)
  if (definition?.kind === 'function') return bindOwnFunction(syntax, definition, scope)
  const refused = environment.mode === 'transform' ? refusedInTransforms(name) : undefined
  if (refused !== undefined) {
    throw environment.error(
      'UnsupportedInTransform',
      `${name}(): Azure refuses it in a transformation («Runtime scalar function provider not found for function: ${name}»)${refused}`,
      at,
    )
  }
  if (!hasFunction(name)) {
    throw AZURE_FUNCTIONS.has(name)
      ? environment.error('UnsupportedLocally', `${name}(): not supported locally, fine in Azure`, at)
      : environment.error('Semantic', `there is no function ${name}()`, at)
  }
  environment.note(name)
  const raw = rawArguments(name)
  const inputs = syntax.arguments.filter((_, index) => !raw.includes(index))
  return bindCall({
    name,
    at,
    scope,
    environment,
    syntax: syntax.arguments,
    arguments: [
      ...inputs.map((input) => bindExpression(input, scope)),
      ...raw.filter((index) => index < syntax.arguments.length).map(() => constantOf('string', '', at)),
    ],
    fail: (message, index) => environment.error('Semantic', message, syntax.arguments[index ?? -1]?.at ?? at),
  })
}

/** The body takes the place of the call, with the arguments under the names of the parameters. */
function bindOwnFunction(
  { name, arguments: inputs, at }: CallSyntax,
  { let: { parameters, body }, scope: outer }: Extract<Definition, { readonly kind: 'function' }>,
  scope: Scope,
): Bound {
  if (inputs.length > parameters.length) {
    throw scope.environment.error(
      'Semantic',
      `${name}() takes ${parameters.length} arguments, not ${inputs.length}`,
      at,
    )
  }
  const definitions = new Map(outer.definitions)
  for (const [index, parameter] of parameters.entries()) {
    const syntax = inputs[index]
    const input =
      syntax === undefined
        ? parameter.fallback && bindExpression(parameter.fallback, outer)
        : bindExpression(syntax, scope)
    if (input === undefined) {
      throw scope.environment.error('Semantic', `${name}(): the argument ${parameter.name} is missing`, at)
    }
    definitions.set(parameter.name, { kind: 'scalar', bound: withoutName(converted(input, parameter.type)) })
  }
  return withoutName({ ...bindExpression(body, { ...outer, columns: [], definitions }), at })
}

function withoutName({ type, evaluate, constant, at }: Bound): Bound {
  return { type, evaluate, at, ...(constant === undefined ? {} : { constant }) }
}
