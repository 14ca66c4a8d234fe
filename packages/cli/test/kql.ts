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
      ): {
        GetDiagnostics(): { readonly Count: number; getItem(index: number): Diagnostic }
        readonly ResultType: {
          readonly Columns: {
            readonly Count: number
            getItem(index: number): { readonly Name: string; readonly Type: { readonly Name: string } }
          }
        }
      }
    }
    readonly GlobalState: { readonly Default: unknown }
  }
}

type Tables = Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>

/** What Microsoft's own language service has against a query over these tables. */
export function kqlProblems(query: string, tables: Tables): readonly string[] {
  const found = analyze(query, tables).GetDiagnostics()
  return Array.from({ length: found.Count }, (_item, index) => {
    const { Code, Message } = found.getItem(index)
    return `${Code} ${Message}`
  })
}

/** The columns of the query's result, `name type`. */
export function kqlColumns(query: string, tables: Tables): readonly string[] {
  const { Columns } = analyze(query, tables).ResultType
  return Array.from({ length: Columns.Count }, (_item, index) => {
    const { Name, Type } = Columns.getItem(index)
    return `${Name} ${Type.Name}`
  })
}

function analyze(
  query: string,
  tables: Tables,
): ReturnType<KustoGlobal['Language']['KustoCode']['ParseAndAnalyze']> {
  require('@kusto/language-service-next/bridge.min.js')
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js')
  const { Language } = Reflect.get(globalThis, 'Kusto') as KustoGlobal
  const declared = Object.entries(tables).map(([name, columns]) => {
    const types = columns.map((column) => `${column.name}: ${kqlType(column.type)}`)
    return `let ${name} = datatable(${types.join(', ')})[];\n`
  })
  return Language.KustoCode.ParseAndAnalyze(declared.join('') + query, Language.GlobalState.Default)
}

export function kqlType(type: string): string {
  return type === 'boolean' ? 'bool' : type
}
