import { dirname, join } from 'node:path'

import ts from 'typescript'

import { programOf } from './code-block.ts'
import type { CodeBlock } from './code-block.ts'
import { ROOT } from './repository.ts'

/** What the application of the pages has in its environment. */
const ENVIRONMENT = `declare global {
  namespace NodeJS {
    interface ProcessEnv {
      AZURE_DCE_ENDPOINT: string
      AZURE_DCR_RULE_ID: string
      AZURE_DCR_STREAM_NAME: string
    }
  }
}
export {}
`

/** The compiler's complaints about blocks, all of them in one program; each with its page and line. */
export function typeProblems(blocks: readonly CodeBlock[]): readonly string[] {
  const environment = join(ROOT, 'docs/environment-of-blocks.ts')
  const texts = new Map([[environment, ENVIRONMENT]])
  const blockOfFile = new Map<string, CodeBlock>()
  for (const [index, block] of blocks.entries()) {
    const file = join(
      directoryOf(block.page),
      `block-${index}.${block.language.endsWith('x') ? 'tsx' : 'ts'}`,
    )
    texts.set(file, programOf(block))
    blockOfFile.set(file, block)
  }
  const program = ts.createProgram([...texts.keys()], options(), hostWith(texts))
  return [...blockOfFile].flatMap(([file, block]) => {
    const source = program.getSourceFile(file)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      (diagnostic) => describe(diagnostic, block),
    )
  })
}

/** An example's packages are its own; all others are those of an application that has everything of ours. */
export function directoryOf(page: string): string {
  return join(ROOT, page.startsWith('examples/') ? dirname(page) : 'docs')
}

/** Strict, as an application's own would be; without the rules that are about our sources. */
function options(): ts.CompilerOptions {
  return {
    target: ts.ScriptTarget.ES2024,
    lib: ['lib.es2024.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
    module: ts.ModuleKind.NodeNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
    customConditions: ['dev'],
    jsx: ts.JsxEmit.ReactJSX,
    strict: true,
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    noEmit: true,
    skipLibCheck: true,
  }
}

function hostWith(texts: ReadonlyMap<string, string>): ts.CompilerHost {
  const host = ts.createCompilerHost(options())
  return {
    ...host,
    fileExists: (file) => texts.has(file) || host.fileExists(file),
    readFile: (file) => texts.get(file) ?? host.readFile(file),
    getSourceFile(file, languageVersion, ...rest) {
      const text = texts.get(file)
      return text === undefined
        ? host.getSourceFile(file, languageVersion, ...rest)
        : ts.createSourceFile(file, text, languageVersion, true)
    },
  }
}

function describe({ start = 0, file, messageText }: ts.Diagnostic, block: CodeBlock): string {
  const inProgram = file?.getLineAndCharacterOfPosition(start).line ?? 0
  const givenLines = block.given === '' ? 0 : block.given.split('\n').length
  const line = block.line + inProgram - givenLines
  return `${block.page}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
}
