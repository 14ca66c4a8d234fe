import { loadEnvFile } from 'node:process'

import type { CredentialDescription } from '@azlogs/core'

import { fileError, usageError } from './cli-error.ts'
import type { ArgsFor } from './command.ts'

const CREDENTIALS = ['default', 'azure-cli', 'managed-identity', 'workload-identity', 'environment'] as const

/** The flags of every command that talks to an ingestion endpoint. */
export interface DestinationArgs {
  readonly endpoint?: string
  readonly 'rule-id'?: string
  readonly stream?: string
  readonly credential: string
  readonly dotenv?: string
}

export const destinationArgs: ArgsFor<DestinationArgs> = {
  endpoint: {
    type: 'string',
    valueHint: 'url',
    description: 'Logs ingestion endpoint [AZURE_DCE_ENDPOINT]',
  },
  'rule-id': {
    type: 'string',
    valueHint: 'dcr',
    description: 'Immutable id of the data collection rule [AZURE_DCR_RULE_ID]',
  },
  stream: {
    type: 'string',
    valueHint: 'name',
    description: 'Stream of the rule [AZURE_DCR_STREAM_NAME]',
  },
  credential: {
    type: 'string',
    valueHint: 'kind',
    description: `Who sends: ${CREDENTIALS.join(', ')}`,
    default: 'default',
  },
  dotenv: {
    type: 'string',
    valueHint: 'file',
    description: 'Read variables from this file, such as .env',
  },
}

/** Where to send and who sends, as given; nothing is checked but the kind of credential. */
export interface GivenDestination {
  readonly endpoint: string | undefined
  readonly ruleId: string | undefined
  readonly streamName: string | undefined
  readonly credential: CredentialDescription
}

/**
 * The destination of the flags, else of the environment. `--dotenv` is loaded first; what the environment has already
 * wins over the file, as with Node’s own `--env-file`, a name that Node takes for itself.
 */
export function readDestination(args: DestinationArgs): GivenDestination {
  const file = args.dotenv
  if (file !== undefined) {
    try {
      loadEnvFile(file)
    } catch (error) {
      throw fileError(file, error)
    }
  }
  return {
    endpoint: args.endpoint ?? process.env['AZURE_DCE_ENDPOINT'],
    ruleId: args['rule-id'] ?? process.env['AZURE_DCR_RULE_ID'],
    streamName: args.stream ?? process.env['AZURE_DCR_STREAM_NAME'],
    credential: credentialOf(args.credential),
  }
}

function credentialOf(name: string): CredentialDescription {
  const kind = CREDENTIALS.find((known) => known === name)
  if (kind === undefined) {
    throw usageError(`--credential is ${JSON.stringify(name)}.`, `Give one of ${CREDENTIALS.join(', ')}.`)
  }
  return kind === 'default' ? kind : { kind }
}
