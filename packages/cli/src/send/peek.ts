/** The beginning of a stream, without taking it away from who reads the stream. */
export interface Peeked {
  /** The first bytes; fewer than asked for only when there are no more. */
  readonly head: Buffer
  /** The whole stream, its beginning included. */
  readonly whole: AsyncGenerator<Buffer>
}

export async function peek(input: AsyncIterable<Buffer>, length: number): Promise<Peeked> {
  const chunks = input[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  while (head.length < length) {
    const step = await chunks.next()
    if (step.done === true) break
    head = Buffer.concat([head, step.value])
  }
  async function* whole(): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head
    for (let step = await chunks.next(); step.done !== true; step = await chunks.next()) yield step.value
  }
  return { head, whole: whole() }
}

/** True for gzip and for a JSON array of objects: a file that came through a pipe, and not an application’s lines. */
export function isFileContent(head: Buffer): boolean {
  if (head[0] === 0x1f && head[1] === 0x8b) return true
  return /^\uFEFF?\s*\[\s*[{\]]/.test(head.toString('utf8', 0, 256))
}
