import { createRequire } from 'node:module'

import { Language, Parser } from 'web-tree-sitter'
import type { Node } from 'web-tree-sitter'

const require = createRequire(import.meta.url)

/** A Bicep file as its grammar reads it. */
export interface BicepFile {
  readonly hasError: boolean
  /** Type with version → its body. */
  readonly resources: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  readonly variables: ReadonlyMap<string, unknown>
  readonly outputs: readonly string[]
}

export async function parseBicep(text: string): Promise<BicepFile> {
  await Parser.init()
  const language = await Language.load(require.resolve('tree-sitter-bicep/tree-sitter-bicep.wasm'))
  const parser = new Parser()
  parser.setLanguage(language)
  const root = parser.parse(text)?.rootNode
  if (root === undefined) throw new Error('the parser gave up')
  const declarations = (kind: string): readonly Node[] =>
    root.namedChildren.filter((node) => node.type === kind)
  return {
    hasError: root.hasError,
    resources: new Map(
      declarations('resource_declaration').map((node) => {
        const [, type, body] = node.namedChildren
        return [textOf(type), valueOf(bodyOf(body)) as Readonly<Record<string, unknown>>]
      }),
    ),
    variables: new Map(
      declarations('variable_declaration').map((node) => {
        const [name, value] = node.namedChildren
        return [name?.text ?? '', valueOf(value)]
      }),
    ),
    outputs: declarations('output_declaration').map((node) => node.namedChildren[0]?.text ?? ''),
  }
}

/** A loop and a condition have the object inside. */
function bodyOf(node: Node | undefined): Node | undefined {
  return node === undefined || node.type === 'object'
    ? node
    : node.namedChildren.find((child) => child.type === 'object')
}

/** Objects, arrays and plain texts; the source text of everything else. */
function valueOf(node: Node | undefined): unknown {
  if (node === undefined) return undefined
  if (node.type === 'array') return node.namedChildren.map(valueOf)
  if (node.type === 'string') return textOf(node)
  if (node.type !== 'object') return node.text
  return Object.fromEntries(
    node.namedChildren
      .filter((property) => property.type === 'object_property')
      .map((property) => {
        const [name, value] = property.namedChildren
        return [name?.type === 'string' ? textOf(name) : name?.text, valueOf(value)]
      }),
  )
}

function textOf(node: Node | undefined): string {
  return node?.text.replaceAll(/^'|'$/g, '') ?? ''
}
