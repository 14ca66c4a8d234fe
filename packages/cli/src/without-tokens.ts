/** A JSON Web Token, whoever it belongs to. */
const JWT = /eyJ[\w-]{4,}\.[\w-]+\.[\w-]*/g

/** Text that is about to be printed, without anything in it that looks like a token. */
export function withoutTokens(text: string): string {
  return text.replaceAll(JWT, '…')
}
