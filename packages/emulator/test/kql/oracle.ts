import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { runInThisContext } from 'node:vm'

// Microsoft's own parser and checker, compiled from C# to scripts that set globals. It has no declarations that a module
// could import: what is used of it is declared here.

interface List<T> {
  readonly Count: number
  getItem(index: number): T
}

interface Named {
  readonly Name: string
}

interface Analyzed {
  readonly ResultType: { readonly Columns?: List<Named & { readonly Type: Named }> } | null
  GetDiagnostics(): List<{ readonly Severity: string; readonly Code: string; readonly Message: string }>
}

interface Language {
  readonly KustoCode: { ParseAndAnalyze(text: string, globals: unknown): Analyzed }
  readonly GlobalState: { readonly Default: { WithDatabase(database: unknown): unknown } }
  readonly Functions: { readonly All: readonly Named[] }
  readonly Symbols: {
    readonly ColumnSymbol: new (name: string, type: unknown) => object
    readonly TableSymbol: { readonly $ctor4: new (name: string, columns: readonly object[]) => object }
    readonly DatabaseSymbol: { readonly ctor: new (name: string, members: readonly object[]) => object }
    readonly ScalarTypes: Readonly<Record<string, unknown>>
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'String',
  int: 'Int',
  long: 'Long',
  real: 'Real',
  boolean: 'Bool',
  datetime: 'DateTime',
  dynamic: 'Dynamic',
  guid: 'Guid',
  timespan: 'TimeSpan',
}

/** What the official parser says of a query. */
interface Opinion {
  readonly problems: readonly string[]
  readonly columns: readonly string[]
}

export interface Oracle {
  readonly ask: (query: string) => Opinion
  readonly functionNames: readonly string[]
}

/** Loading takes about two seconds. */
export function loadOracle(table: string, declared: Readonly<Record<string, string>>): Oracle {
  const require = createRequire(import.meta.url)
  const scripts = [
    require.resolve('@kusto/language-service-next/bridge.min.js'),
    require.resolve('@kusto/language-service-next/Kusto.Language.Bridge.min.js'),
  ]
  for (const path of scripts) {
    runInThisContext(readFileSync(path, 'utf8'), { filename: path })
  }
  const { Language } = (globalThis as unknown as { readonly Kusto: { readonly Language: Language } }).Kusto
  const { Symbols, KustoCode, GlobalState, Functions } = Language
  const columns = Object.entries(declared).map(
    ([name, type]) => new Symbols.ColumnSymbol(name, Symbols.ScalarTypes[TYPES[type] ?? '']),
  )
  const database = new Symbols.DatabaseSymbol.ctor('db', [new Symbols.TableSymbol.$ctor4(table, columns)])
  const globals = GlobalState.Default.WithDatabase(database)
  return {
    functionNames: Functions.All.map(({ Name }) => Name),
    ask(query) {
      const analyzed = KustoCode.ParseAndAnalyze(query, globals)
      const problems = items(analyzed.GetDiagnostics()).filter(({ Severity }) => Severity === 'Error')
      const found = analyzed.ResultType?.Columns
      return {
        problems: problems.map(({ Code, Message }) => `${Code} ${Message}`),
        columns: found === undefined ? [] : items(found).map(({ Name, Type }) => `${Name}:${Type.Name}`),
      }
    },
  }
}

function items<T>(list: List<T>): readonly T[] {
  return Array.from({ length: list.Count }, (_, index) => list.getItem(index))
}
