export interface StackLine {
  readonly text: string
  /** Of Node.js or of a dependency: not where one looks first. */
  readonly foreign: boolean
  /** Opens the file in an editor; absent when the line names no file. */
  readonly link?: string
}

/** A file with line and column at the end of a frame, in brackets or not; a path may hold spaces. */
const LOCATION = /[(\s](?:file:\/\/)?((?:\/|[A-Za-z]:[\\/])[^()]*?):(\d+):(\d+)\)?$/
/** Longer lines are no frames, and not worth the search. */
const MAX_FRAME_LENGTH = 1_000

/** The lines of a stack, with what is known about each. */
export function stackLines(stack: string): readonly StackLine[] {
  return stack.split('\n').map((text) => {
    const isFrame = text.length <= MAX_FRAME_LENGTH && /^\s*at\s/.test(text)
    const [, file, line, column] = isFrame ? (LOCATION.exec(text.trimEnd()) ?? []) : []
    const foreign = isFrame && (/[\\/]node_modules[\\/]/.test(text) || /\(?node:/.test(text))
    if (file === undefined) return { text, foreign }
    const path = file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/').replace(/^\//, '')
    return { text, foreign, link: `vscode://file/${path.replace(/^([A-Za-z])%3A/, '$1:')}:${line}:${column}` }
  })
}
