import { createRequire } from 'node:module'

import ts from 'typescript'
import { Language, Parser } from 'web-tree-sitter'
import { parseAllDocuments } from 'yaml'

const require = createRequire(import.meta.url)

/** What each language that is no program has against a text; undefined when nothing. */
export const DATA_LANGUAGES: Readonly<
  Record<string, (text: string) => Promise<string | undefined> | string | undefined>
> = {
  json: (text) => problemOf(() => JSON.parse(text)),
  jsonc: (text) => {
    const { error } = ts.parseConfigFileTextToJson('block.jsonc', text)
    return error === undefined ? undefined : ts.flattenDiagnosticMessageText(error.messageText, '\n')
  },
  yaml: (text) => parseAllDocuments(text).flatMap(({ errors }) => errors)[0]?.message,
  bicep: async (text) => {
    await Parser.init()
    const parser = new Parser()
    parser.setLanguage(await Language.load(require.resolve('tree-sitter-bicep/tree-sitter-bicep.wasm')))
    return parser.parse(text)?.rootNode.hasError === false ? undefined : 'it is no Bicep'
  },
}

function problemOf(parse: () => unknown): string | undefined {
  try {
    parse()
    return undefined
  } catch (error) {
    return String(error)
  }
}
