import { expect, test } from 'vitest'

import { evaluate } from '../src/arm-expression.ts'
import { createScope } from '../src/arm-scope.ts'

const environment = {
  parameters: (name: string): unknown => ({ name: 'App', list: [{ n: 'a' }, { n: 'b' }] })[name],
  variables: (name: string): unknown => `variable ${name}`,
}

test.each([
  ["'text'", 'text'],
  ["'it''s'", "it's"],
  ['42', 42],
  ["parameters('name')", 'App'],
  ["Parameters('name')", 'App'],
  ["variables('x')", 'variable x'],
  ["format('Custom-{0}_{1}{{}}', parameters('name'), 'CL')", 'Custom-App_CL{}'],
  ["concat('a', 'b', 'c')", 'abc'],
  ["concat(createArray('a'), createArray('b'))", ['a', 'b']],
  ["parameters('list')[1].n", 'b'],
  ["parameters('list')[0]['n']", 'a'],
  ["createObject('a', 1, 'b', createArray(true(), false(), null()))", { a: 1, b: [true, false, null] }],
  ["map(parameters('list'), lambda('c', toUpper(lambdaVariables('c').n)))", ['A', 'B']],
  [" toLower( 'ABC' ) ", 'abc'],
])('%s has a value', (text, value) => {
  expect(evaluate(text, environment)).toEqual(value)
})

test.each([
  ["resourceId('a')", 'resourceId() cannot be resolved locally'],
  ["reference('a').id", 'reference()'],
  ['az.resourceGroup()', 'az.resourceGroup()'],
  ["parameters('list')[7]", 'there is no member 7'],
  ["parameters('list')[0].constructor", 'there is no member "constructor"'],
  ["map(parameters('name'), 1)", 'map() takes an array and a lambda'],
  ['map()', 'map() takes an array and a lambda'],
  ["map(parameters('list'), lambda(1))", 'lambda() takes the name of a variable and an expression'],
  ["format('a'", 'expected'],
  ["'a' 'b'", 'cannot read'],
  ['%', 'cannot read'],
  ['', 'cannot read'],
])('%s has none, for a reason', (text, reason) => {
  expect(() => evaluate(text, environment)).toThrow(reason)
})

test('variables resolve through each other, keys too, and what is no expression stays', () => {
  const scope = createScope(
    {
      parameters: { p: { defaultValue: 'P' } },
      variables: { a: "[variables('b')]", b: "[parameters('p')]" },
    },
    [],
  )
  expect(scope.resolve({ "[variables('a')]": ["[variables('a')]", '[[kept]', '[open', 7, null] })).toEqual({
    P: ['P', '[kept]', '[open', 7, null],
  })
})

test('a value that is given goes before the default', () => {
  const template = { parameters: { p: { defaultValue: 'default' } } }
  expect(createScope(template, [{ p: { value: 'given' } }]).resolve("[parameters('p')]")).toBe('given')
})

test('a variable that is defined by itself is refused', () => {
  const scope = createScope({ variables: { a: "[concat(variables('a'))]" } }, [])
  expect(() => scope.resolve("[variables('a')]")).toThrow('is defined by itself')
})
