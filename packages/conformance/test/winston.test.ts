import { winstonSubject } from '../src/winston-subject.ts'
import { describeTransport } from '../src/suite.ts'

describeTransport(winstonSubject)
