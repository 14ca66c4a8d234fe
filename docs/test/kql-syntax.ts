import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

interface KustoGlobal {
  readonly Language: {
    readonly KustoCode: {
      Parse(text: string): {
        GetSyntaxDiagnostics(): {
          readonly Count: number
          getItem(index: number): { readonly Message: string }
        }
      }
    }
  }
}

/** What Microsoft's own parser has against the syntax of a query, whatever tables there are. */
export function kqlSyntaxProblems(query: string): readonly string[] {
  require('@kusto/language-service-next/bridge.min.js')
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js')
  const { Language } = Reflect.get(globalThis, 'Kusto') as KustoGlobal
  const found = Language.KustoCode.Parse(query).GetSyntaxDiagnostics()
  return Array.from({ length: found.Count }, (_item, index) => found.getItem(index).Message)
}
