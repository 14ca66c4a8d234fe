// An application that logs some records and ends in the way that it is told: `node ending-process.ts NAME WAY COUNT`.
import { coreSubject } from './core-subject.ts'
import { pinoStreamSubject, pinoWorkerSubject } from './pino-subjects.ts'
import { winstonSubject, winstonWorkerSubject } from './winston-subject.ts'

const [name, way, count] = process.argv.slice(2)
const subject = [
  coreSubject,
  winstonSubject,
  winstonWorkerSubject,
  pinoWorkerSubject,
  pinoStreamSubject,
].find((known) => known.name === name)
if (subject === undefined) throw new Error(`no subject ${name}`)
const logger = subject.open()
for (let n = 0; n < Number(count); n += 1) logger.log('info', 'last words', { properties: { n } })

switch (way) {
  case 'normal':
    break
  case 'exit':
    process.exit(0)
    break
  case 'throw':
    throw new Error('nobody catches this')
  case 'close':
    await logger.close()
    process.exit(0)
    break
  case 'wait':
    setInterval(() => {}, 60_000)
    process.stdout.write('ready\n')
    break
  default:
    throw new Error(`no way ${way}`)
}
