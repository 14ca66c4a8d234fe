import { withoutTokens } from '../without-tokens.ts'

const SECRET_VARIABLES = [
  'AZURE_CLIENT_SECRET',
  'AZURE_CLIENT_CERTIFICATE_PASSWORD',
  'AZURE_PASSWORD',
  'IDENTITY_HEADER',
  'MSI_SECRET',
]

/** Takes secrets out of text before it is printed. */
export interface Redactor {
  /** Makes a secret known. */
  hide(secret: string): void
  (text: string): string
}

/** Knows the secrets of the environment and everything that looks like a token; {@link Redactor.hide} adds others. */
export function createRedactor(env: NodeJS.ProcessEnv): Redactor {
  const secrets = new Set(
    SECRET_VARIABLES.map((name) => env[name] ?? '').filter((value) => value.length >= 4),
  )
  const redact = (text: string): string => {
    let clean = text
    for (const secret of secrets) clean = clean.replaceAll(secret, '…')
    return withoutTokens(clean)
  }
  return Object.assign(redact, {
    hide(secret: string) {
      if (secret !== '') secrets.add(secret)
    },
  })
}
