import { soakCommand } from './command.ts'

await soakCommand(process.argv.slice(2))
