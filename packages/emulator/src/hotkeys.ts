/** What of a terminal's input the keys need. */
export type KeyInput = Pick<NodeJS.ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>

/**
 * Hears single keys, without Enter, until the returned function is called. In this mode Ctrl+C is a key like the others
 * and sends no signal.
 */
export function listenForKeys(input: KeyInput, onKey: (key: string) => void): () => void {
  const take = (chunk: Buffer | string): void => {
    const text = chunk.toString()
    // An arrow or a function key, or the answer of the terminal to something: none of ours.
    if (text.startsWith('\u001B')) return
    for (const key of text) onKey(key)
  }
  input.setRawMode(true)
  input.on('data', take)
  input.resume()
  return () => {
    input.off('data', take)
    input.setRawMode(false)
    input.pause()
  }
}
