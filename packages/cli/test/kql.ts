import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

interface Diagnostic {
  readonly Code: string
  readonly Message: string
}

interface KustoGlobal {
  readonly Language: {
    readonly KustoCode: {
      ParseAndAnalyze(
        text: string,
        globals: unknown,
      ): { GetDiagnostics(): { readonly Count: number; getItem(index: number): Diagnostic } }
    }
    readonly GlobalState: { readonly Default: unknown }
  }
}

/** What Microsoft's own language service has against a query over these tables. */
export function kqlProblems(
  query: string,
  tables: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>,
): readonly string[] {
  require('@kusto/language-service-next/bridge.min.js')
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js')
  const { Language } = Reflect.get(globalThis, 'Kusto') as KustoGlobal
  const declared = Object.entries(tables).map(([name, columns]) => {
    const types = columns.map(
      (column) => `${column.name}: ${column.type === 'boolean' ? 'bool' : column.type}`,
    )
    return `let ${name} = datatable(${types.join(', ')})[];\n`
  })
  const found = Language.KustoCode.ParseAndAnalyze(
    declared.join('') + query,
    Language.GlobalState.Default,
  ).GetDiagnostics()
  return Array.from({ length: found.Count }, (_item, index) => {
    const { Code, Message } = found.getItem(index)
    return `${Code} ${Message}`
  })
}
