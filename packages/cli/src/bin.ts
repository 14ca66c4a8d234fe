#!/usr/bin/env node
import { main } from './main.ts'

// «azlogs query … | head» closes stdout early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

await main(process.argv.slice(2))
// What a library left open, such as a request for a token that nobody waits for any more, does not hold up the end.
await Promise.all([flushed(process.stdout), flushed(process.stderr)])
process.exit()

async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise((resolve) => stream.write('', resolve))
}
