// A module for `credential: { kind: 'module' }`: a worker takes no credential object.
import { CREDENTIAL } from './destination.ts'

export default CREDENTIAL
