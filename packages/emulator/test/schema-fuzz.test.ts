import { readFile } from 'node:fs/promises'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { readFaults } from '../src/fault-text.ts'
import { readSchema } from '../src/read-schema.ts'
import { SchemaError } from '../src/schema-problem.ts'

async function read(name: string): Promise<unknown> {
  return JSON.parse(await readFile(new URL(`fixtures/arm/${name}`, import.meta.url), 'utf8'))
}

const documents = await Promise.all(
  ['rule.json', 'tables.json', 'template.json', 'template-symbolic.json', 'parameters.json'].map(read),
)

function readOrRefuse(input: unknown): void {
  try {
    readSchema(input)
  } catch (error) {
    expect(error).toBeInstanceOf(SchemaError)
    expect((error as SchemaError).problems).not.toEqual([])
  }
}

test('any JSON is read or refused with problems', () => {
  fc.assert(fc.property(fc.jsonValue(), readOrRefuse), { numRuns: 500 })
})

/** Every way down to a value. */
function pathsOf(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [[]]
  const below = Object.entries(value).flatMap(([key, member]) =>
    pathsOf(member).map((rest) => [key].concat(rest)),
  )
  return [[], ...below]
}

function replaced(value: unknown, [key, ...rest]: readonly string[], replacement: unknown): unknown {
  if (key === undefined) return replacement
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>
  copy[key] = replaced(copy[key], rest, replacement)
  return copy
}

test('documents with a value replaced by any other are read or refused with problems', () => {
  const paths = pathsOf(documents)
  const replacement = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(
      '[parameters(',
      "[variables('columns')]",
      "[map(1, lambda('x', 2))]",
      '[[',
      '[]',
      undefined,
    ),
  )
  fc.assert(
    fc.property(fc.constantFrom(...paths), replacement, (path, value) =>
      readOrRefuse(replaced(documents, path, value)),
    ),
    { numRuns: 2000 },
  )
})

test('any text is read as faults or refused with problems', () => {
  const part = fc.constantFrom(
    '429',
    'latency',
    'hang',
    ':',
    ',',
    '10%',
    '=',
    'times',
    'for=',
    '±',
    '50ms',
    ' ',
    '-1',
  )
  const text = fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, (input) => {
      const { rules, problems } = readFaults(input)
      expect(rules.length + problems.length).toBeGreaterThanOrEqual(
        input.replaceAll(/[\s,]/g, '') === '' ? 0 : 1,
      )
    }),
    { numRuns: 2000 },
  )
})
