/** Everything in PEM. */
export interface Certificate {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

let shared: Promise<Certificate> | undefined

/**
 * A certificate authority and, signed by it, a certificate for localhost and 127.0.0.1. Made once in a process: it takes
 * about 200 ms, most of it for loading the library. The authority's key is thrown away, so nothing else can be signed.
 */
export function loopbackCertificate(): Promise<Certificate> {
  shared ??= createCertificate()
  return shared
}

async function createCertificate(): Promise<Certificate> {
  const { generate } = await import('selfsigned')
  const options = { keyType: 'ec', algorithm: 'sha256' } as const
  const authority = await generate([{ name: 'commonName', value: 'azlogs emulator CA' }], {
    ...options,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  })
  const leaf = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...options,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  return { ca: authority.cert, cert: leaf.cert, key: leaf.private }
}
