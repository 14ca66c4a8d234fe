import type { Run } from '../command.ts'
import { readDestination } from '../destination-args.ts'
import type { DoctorArgs } from './command.ts'

export const run: Run<DoctorArgs> = async ({ args, out }) => {
  out.line(JSON.stringify(readDestination(args)))
}
