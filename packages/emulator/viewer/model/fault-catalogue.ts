/** A fault that can be switched on with one click, in the grammar of the emulator's `faults`. */
export interface FaultPreset {
  readonly text: string
  readonly title: string
  readonly explanation: string
}

export const FAULT_PRESETS: readonly {
  readonly title: string
  readonly presets: readonly FaultPreset[]
}[] = [
  {
    title: 'Answers',
    presets: [
      { text: '429:20%', title: 'Throttled', explanation: 'One request in five gets 429 with Retry-After.' },
      { text: '503:10%', title: 'Unavailable', explanation: 'One request in ten gets 503.' },
      { text: '500:5%', title: 'Server error', explanation: 'One request in twenty gets 500.' },
      {
        text: '403:for=60s',
        title: 'Role not propagated',
        explanation: 'Every request gets 403 for a minute, as after a new role assignment.',
      },
    ],
  },
  {
    title: 'Network',
    presets: [
      {
        text: 'latency:800±400ms',
        title: 'Slow',
        explanation: 'Every request waits 0.4 to 1.2 seconds first.',
      },
      {
        text: 'reset-before:5%',
        title: 'Reset before storing',
        explanation: 'The connection is reset and nothing is stored.',
      },
      {
        text: 'reset-after:5%',
        title: 'Reset after storing',
        explanation: 'The rows are stored, then the connection is reset: a retry makes duplicates.',
      },
      {
        text: 'half:5%',
        title: 'Half an answer',
        explanation: 'The rows are stored, the answer breaks off.',
      },
      { text: 'hang:2%', title: 'Hanging', explanation: 'No answer ever comes.' },
    ],
  },
  {
    title: 'Token',
    presets: [
      {
        text: 'token-expired:5%',
        title: 'Token expires',
        explanation: 'The token in use is refused from now on; a new one is fine.',
      },
      {
        text: 'token-rejected:5%',
        title: 'Token rejected',
        explanation: 'The request gets 401, whatever its token.',
      },
    ],
  },
]

/** The kind of a rule as text: what is before its first colon. */
export function faultKind(text: string): string {
  return (text.split(':')[0] ?? '').trim()
}
