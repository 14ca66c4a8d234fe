import { StringDecoder } from 'node:string_decoder'

/** Cuts text that comes in pieces into lines. */
export interface Lines {
  /** Hands over every line that ends in the piece, without its line break. */
  push(piece: string | Buffer): void
  /** Hands over what comes after the last line break. */
  end(): void
}

/** A line lies in `text` from `begin` to `end`: most are never cut out. */
export function createLines(onLine: (text: string, begin: number, end: number) => void): Lines {
  const decoder = new StringDecoder('utf8')
  /** The beginning of a line whose end has not come. pino writes whole lines; a pipe need not. */
  let rest = ''

  function cut(text: string): void {
    let begin = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', begin)) {
      onLine(text, begin, text.charCodeAt(end - 1) === 0x0d ? end - 1 : end)
      begin = end + 1
    }
    rest = text.slice(begin)
  }

  return {
    push(piece) {
      const text = typeof piece === 'string' ? piece : decoder.write(piece)
      cut(rest === '' ? text : rest + text)
    },
    end() {
      cut(`${rest}${decoder.end()}\n`)
    },
  }
}
