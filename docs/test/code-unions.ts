import { join } from 'node:path'

import ts from 'typescript'

import { ROOT } from './repository.ts'

/** The exported types whose members are codes that users meet, and the page with an entry for each. */
const UNIONS = [
  { file: 'packages/core/src/index.ts', name: 'AzlogsErrorCode', page: 'docs/errors.md' },
  { file: 'packages/cli/src/error-code.ts', name: 'ErrorCode', page: 'docs/command-errors.md' },
  { file: 'packages/emulator/src/index.ts', name: 'SchemaProblemCode', page: 'docs/command-errors.md' },
  { file: 'packages/emulator/src/index.ts', name: 'KqlErrorCode', page: 'docs/command-errors.md' },
] as const

/** A union of codes as the compiler sees it. */
export interface CodeUnion {
  readonly name: string
  readonly page: string
  readonly codes: readonly string[]
}

/** The members of every union of codes. */
export function codeUnions(): readonly CodeUnion[] {
  const program = ts.createProgram([...new Set(UNIONS.map(({ file }) => join(ROOT, file)))], {
    module: ts.ModuleKind.NodeNext,
    customConditions: ['dev'],
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    skipLibCheck: true,
  })
  const checker = program.getTypeChecker()
  return UNIONS.map(({ file, name, page }) => {
    const source = program.getSourceFile(join(ROOT, file))
    const module = source && checker.getSymbolAtLocation(source)
    const exported = module && checker.getExportsOfModule(module).find((symbol) => symbol.name === name)
    if (exported === undefined) throw new Error(`${file} exports no ${name}`)
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    const type = checker.getDeclaredTypeOfSymbol(symbol)
    const members = type.isUnion() ? type.types : [type]
    return {
      name,
      page,
      codes: members.flatMap((member) => (member.isStringLiteral() ? [member.value] : [])),
    }
  })
}
