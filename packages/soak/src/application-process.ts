// An application that logs numbered records through one of our transports: `node application-process.ts SETTINGS`.
import { runApplication } from './application.ts'
import type { ApplicationSettings } from './application-protocol.ts'

runApplication(JSON.parse(process.argv[2] ?? '') as ApplicationSettings)
