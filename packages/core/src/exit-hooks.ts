/** What has to be done for one shipper when the process ends. */
export interface ExitHook {
  /** The event loop ran empty. Returns a promise that keeps the process alive while it is pending, or undefined. */
  drain(): Promise<unknown> | undefined
  /** SIGTERM or SIGINT arrived and the application has no handler of its own. */
  terminate(): Promise<unknown>
  /** The process ends now; only synchronous work counts. */
  exit(): void
}

const hooks = new Set<ExitHook>()
let ending = false

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/**
 * Registers a hook and returns the function that takes it back. The process's own listeners are added with the first
 * hook and removed with the last, once for any number of shippers.
 */
export function onProcessEnd(hook: ExitHook): () => void {
  if (hooks.size === 0) listen()
  hooks.add(hook)
  return () => {
    if (hooks.delete(hook) && hooks.size === 0) unlisten()
  }
}

/** True when the hooks have been told that the process exits: who comes later has to do the same at once. */
export function isProcessEnding(): boolean {
  return ending
}

function listen(): void {
  process.on('beforeExit', onBeforeExit)
  process.on('exit', onExit)
  // First in the row: a `once` handler of the application that ran before us would not be counted any more.
  for (const signal of SIGNALS) process.prependListener(signal, onSignal)
}

function unlisten(): void {
  process.off('beforeExit', onBeforeExit)
  process.off('exit', onExit)
  for (const signal of SIGNALS) process.off(signal, onSignal)
}

function onBeforeExit(): void {
  for (const hook of hooks) void hook.drain()
}

function onExit(): void {
  ending = true
  for (const hook of hooks) hook.exit()
}

// Our listener took the signal's default action away, so it is ours to bring back, unless the application listens
// too: then the application decides when to end.
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return
  const raise = (): void => {
    // Records may have come since, to who was not there to be told. An application that listens by now ends when it wants to.
    if (process.listenerCount(signal) === 1) for (const hook of hooks) hook.exit()
    unlisten()
    process.kill(process.pid, signal)
  }
  Promise.allSettled(Array.from(hooks, (hook) => hook.terminate())).then(raise, raise)
}
