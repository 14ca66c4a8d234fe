import { describeTransport } from '../src/suite.ts'
import { winstonWorkerSubject } from '../src/winston-subject.ts'

describeTransport(winstonWorkerSubject)
