import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

import GithubSlugger from 'github-slugger'
import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { toString } from 'mdast-util-to-string'

import { ROOT } from './repository.ts'

/** Addresses of our own repository are held to the files that are here. */
const OWN = /^https:\/\/github\.com\/azlogs\/azlogs\/(?:blob|tree)\/main\//

/** A place that a page links to within the repository. */
export interface Link {
  readonly page: string
  readonly line: number
  readonly url: string
  /** From the root of the repository. */
  readonly file: string
  readonly anchor: string | undefined
}

/** The links of a page to something in the repository. */
export function linksOf(page: string): readonly Link[] {
  const links: Link[] = []
  visit(parse(page), (node) => {
    if (node.type !== 'link' && node.type !== 'image' && node.type !== 'definition') return
    const isOwn = OWN.test(node.url)
    if (!isOwn && /^[a-z][a-z+.-]*:/i.test(node.url)) return
    const [path = '', anchor] = node.url.replace(OWN, '/').split('#')
    const from = isOwn || path.startsWith('/') ? ROOT : join(ROOT, dirname(page))
    const file = path === '' ? page : relative(ROOT, join(from, decodeURIComponent(path)))
    links.push({ page, line: node.position?.start.line ?? 0, url: node.url, file, anchor })
  })
  return links
}

/** Why the link leads nowhere; undefined when it does lead somewhere. */
export function linkProblem({ page, line, url, file, anchor }: Link): string | undefined {
  const where = `${page}:${line}: ${url}`
  if (!existsSync(join(ROOT, file))) return `${where}: there is no ${file}`
  if (anchor === undefined) return undefined
  const target = file.endsWith('.md') ? file : join(file, 'README.md')
  if (!existsSync(join(ROOT, target))) return `${where}: ${file} is no page, so it has no anchors`
  return anchorsOf(target).has(anchor) ? undefined : `${where}: ${target} has no heading #${anchor}`
}

function anchorsOf(page: string): ReadonlySet<string> {
  const slugger = new GithubSlugger()
  const anchors = new Set<string>()
  visit(parse(page), (node) => {
    if (node.type === 'heading') anchors.add(slugger.slug(toString(node)))
  })
  return anchors
}

function parse(page: string): Nodes {
  return fromMarkdown(readFileSync(join(ROOT, page), 'utf8'))
}

function visit(node: Nodes, look: (node: Nodes) => void): void {
  look(node)
  if ('children' in node) for (const child of node.children) visit(child, look)
}
