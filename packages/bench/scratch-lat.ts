import { startReceiver } from './src/receiver/receiver.ts'
import { startChild } from './src/child.ts'
import { runSubject } from './src/subject.ts'
await using receiver = await startReceiver()
const n = Number(process.env.N ?? 6000)
for (let r = 0; r < Number(process.env.R ?? 4); r++) for (const name of r % 2 ? ['azlogs', 'pino/file'] : ['pino/file', 'azlogs']) {
  await using child: any = startChild('subjects/server-process.ts', ['pino', name, receiver.url], { NODE_EXTRA_CA_CERTS: receiver.caFile, NODE_OPTIONS: process.env.NODEARGS ?? '' } as any)
  const { url } = await child.message()
  const t: any = await runSubject('requests', [`${url}/orders`, String(n), String(n / 3), '1000'], receiver)
  const ended = child.message(); child.send({ end: true }); await ended
  console.log(name, JSON.stringify(t))
}
