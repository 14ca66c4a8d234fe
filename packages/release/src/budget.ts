import budgets from '../budgets.json' with { type: 'json' }
import type { ProductionTree } from './production-tree.ts'

export interface Budget {
  /** Of the package itself, in units of 1000 bytes. */
  readonly unpackedKilobytes: number
  /** Packages that npm installs along with it, its host left out. */
  readonly dependencies: number
}

/** By the package's name; what stands in `budgets.json`. */
export const BUDGETS: Readonly<Record<string, Budget>> = budgets

/** What is over budget, one sentence each, with what to look at. */
export function overBudget(
  { tarball, dependencies }: Pick<ProductionTree, 'dependencies'> & { readonly tarball: Sized },
  budgetOf: Readonly<Record<string, Budget>> = BUDGETS,
): readonly string[] {
  const { name } = tarball.manifest
  const budget = budgetOf[name]
  if (budget === undefined) return [`${name} has no budget: give it one in packages/release/budgets.json`]
  const kilobytes = Math.ceil(tarball.unpackedSize / 1000)
  const problems: string[] = []
  if (kilobytes > budget.unpackedKilobytes) {
    problems.push(
      `${name} takes ${kilobytes} kB unpacked, ${kilobytes - budget.unpackedKilobytes} kB over its budget of ${budget.unpackedKilobytes} kB`,
    )
  }
  if (dependencies.length > budget.dependencies) {
    problems.push(
      `${name} brings ${dependencies.length} packages along, ${dependencies.length - budget.dependencies} over its budget of ${budget.dependencies}: ${dependencies.join(', ')}`,
    )
  }
  return problems
}

interface Sized {
  readonly manifest: { readonly name: string }
  readonly unpackedSize: number
}
