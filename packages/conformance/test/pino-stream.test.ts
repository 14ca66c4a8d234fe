import { pinoStreamSubject } from '../src/pino-subjects.ts'
import { describeTransport } from '../src/suite.ts'

describeTransport(pinoStreamSubject)
