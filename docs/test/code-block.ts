import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Code, Html, Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'

import { ROOT } from './repository.ts'

/**
 * A fenced block of a page, and what the HTML comments directly above it say:
 *
 * - `<!-- given: … -->` code that goes before it, such as what an earlier block declares;
 * - `<!-- rows: 2 -->` how many rows it leaves in the emulator when it is run;
 * - `<!-- fails: … -->` what is in the message with which it ends;
 * - `<!-- not run: … -->` why it is checked and not run;
 * - `<!-- is: path -->` the file that it repeats, which is tested where it lies.
 */
export interface CodeBlock {
  /** From the root of the repository. */
  readonly page: string
  /** The line of its first line, from 1. */
  readonly line: number
  /** The same for the name of a test: `docs/shutdown.md:12`. */
  readonly place: string
  readonly language: string
  readonly code: string
  readonly given: string
  readonly rows: number | undefined
  readonly fails: string | undefined
  readonly notRun: string | undefined
  readonly is: string | undefined
}

const DIRECTIVE = /<!--\s*(given|rows|fails|not run|is):\s*([^]*?)\s*-->/g

/** The blocks of a page, in their order. */
export function blocksOf(page: string): readonly CodeBlock[] {
  const tree = fromMarkdown(readFileSync(join(ROOT, page), 'utf8'))
  return blocksIn(tree, page)
}

function blocksIn(node: Nodes, page: string): readonly CodeBlock[] {
  if (!('children' in node)) return []
  return node.children.flatMap((child, index) => {
    if (child.type === 'code') return [blockOf(child, commentsBefore(node.children, index), page)]
    return blocksIn(child, page)
  })
}

/** The comments that nothing but comments stands between and the block. */
function commentsBefore(siblings: readonly Nodes[], index: number): string {
  const first = siblings.slice(0, index).findLastIndex((sibling) => sibling.type !== 'html') + 1
  const comments = siblings.slice(first, index) as readonly Html[]
  return comments.map(({ value }) => value).join('\n')
}

function blockOf(code: Code, comments: string, page: string): CodeBlock {
  const directives = new Map(
    Array.from(comments.matchAll(DIRECTIVE), ([, name = '', value = '']) => [name, value]),
  )
  const rows = directives.get('rows')
  const line = (code.position?.start.line ?? 0) + 1
  return {
    page,
    line,
    place: `${page}:${line}`,
    language: code.lang ?? '',
    code: code.value,
    given: directives.get('given') ?? '',
    rows: rows === undefined ? undefined : Number(rows),
    fails: directives.get('fails'),
    notRun: directives.get('not run'),
    is: directives.get('is'),
  }
}

/** Its code and what is given to it. */
export function programOf({ given, code }: CodeBlock): string {
  return given === '' ? code : `${given}\n${code}`
}
