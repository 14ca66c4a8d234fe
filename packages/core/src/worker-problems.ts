import { createProblemReporter } from './problem.ts'
import type { Problem } from './problem.ts'
import { toProblemEvent } from './problem-event.ts'
import { emitInMain } from './worker-channel.ts'

/** Where the worker's problems go: to the main thread, and to stderr when nobody there can tell them. */
export interface WorkerProblems {
  tell(problem: Problem): void
  /** From now on the main thread may be waiting for us, blocked, and hear of nothing any more. */
  closing(): void
  flush(): void
}

/** @param heard whether the main thread tells problems to the application */
export function createWorkerProblems(heard: boolean): WorkerProblems {
  const stderr = createProblemReporter(undefined)
  let print = !heard
  return {
    tell(problem) {
      emitInMain('azlogs:problem', toProblemEvent(problem))
      if (!print) return
      const { kind, code, message, recordCount } = problem
      stderr.report({
        kind,
        code,
        recordCount,
        describe: (count) =>
          count === recordCount ? message : `${count} records, the last of them: ${message}`,
      })
    },
    closing() {
      print = true
    },
    flush: () => stderr.flush(),
  }
}
