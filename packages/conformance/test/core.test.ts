import { coreSubject } from '../src/core-subject.ts'
import { describeTransport } from '../src/suite.ts'

describeTransport(coreSubject)
