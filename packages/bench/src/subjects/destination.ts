/** Where the subjects that speak to Azure Monitor send: the receiver takes any rule and any stream. */
export const RULE_ID: string = `dcr-${'0'.repeat(32)}`
export const STREAM_NAME = 'Custom-Bench_CL'

/** A credential that costs nothing. */
export const CREDENTIAL: { getToken(): Promise<{ token: string; expiresOnTimestamp: number }> } = {
  getToken: async () => ({
    token: 'bench',
    expiresOnTimestamp: Date.now() + 3_600_000,
  }),
}
