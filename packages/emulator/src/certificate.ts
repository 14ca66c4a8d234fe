import { createPrivateKey, X509Certificate } from 'node:crypto'
import { lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A certificate for localhost and 127.0.0.1. */
export interface Certificate {
  /** In PEM. */
  readonly cert: string
  /** In PEM. */
  readonly key: string
  /** File with the authority that signed it, in PEM. */
  readonly caFile: string
}

const DAY_MS = 24 * 60 * 60 * 1000
/** Of the year that it is valid for. A certificate that ends sooner is not used for a new start: an emulator may run for days. */
const LEAST_VALID_MS = 30 * DAY_MS

/**
 * A certificate, signed by an authority whose key is thrown away, so that nothing else can ever be signed with it. It is
 * kept in a private folder for the next start: making one takes 200 ms, most of it for loading the library, and a
 * `NODE_EXTRA_CA_CERTS` that was pasted somewhere stays right.
 *
 * @param folder where it is kept, for this user alone.
 * @throws {Error} when the folder cannot be made or is not this user's own.
 */
export async function loopbackCertificate(folder: string = defaultFolder()): Promise<Certificate> {
  await makePrivate(folder)
  for (const name of (await readdir(folder)).toSorted()) {
    const directory = join(folder, name)
    const certificate = await readCertificate(directory)
    if (certificate !== undefined) return certificate
    await removeIfOld(directory)
  }
  return createCertificate(folder)
}

function defaultFolder(): string {
  const owner = process.getuid?.()
  return join(tmpdir(), owner === undefined ? 'azlogs-emulator' : `azlogs-emulator-${owner}`)
}

/** The temporary folder of the system may be everybody's: another user could have been there first. */
async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const stats = await lstat(folder)
  const owner = process.getuid?.()
  if (owner === undefined) return
  if (!stats.isDirectory() || stats.uid !== owner || (stats.mode & 0o077) !== 0) {
    throw new Error(
      `${folder}, where the emulator keeps its certificate, must be a folder of yours that nobody else may enter: ` +
        'remove it, set TMPDIR to another place, or do without https',
    )
  }
}

/** Undefined when it is not there in full, or is about to end. */
async function readCertificate(directory: string): Promise<Certificate | undefined> {
  const caFile = join(directory, 'ca.pem')
  try {
    const [ca, cert, key] = await Promise.all([
      readFile(caFile, 'utf8'),
      readFile(join(directory, 'cert.pem'), 'utf8'),
      readFile(join(directory, 'key.pem'), 'utf8'),
    ])
    const leaf = new X509Certificate(cert)
    const usable =
      leaf.verify(new X509Certificate(ca).publicKey) &&
      leaf.checkPrivateKey(createPrivateKey(key)) &&
      leaf.validToDate.getTime() > Date.now() + LEAST_VALID_MS
    return usable ? { cert, key, caFile } : undefined
  } catch {
    return undefined
  }
}

/** What has ended, or was left behind half written. Another start may be writing it this moment, so it must be old. */
async function removeIfOld(directory: string): Promise<void> {
  try {
    if ((await lstat(directory)).mtimeMs < Date.now() - DAY_MS) await rm(directory, { recursive: true })
  } catch {
    // Another start was faster.
  }
}

/** Written aside and renamed: a start at the same moment sees all of it or nothing. */
async function createCertificate(folder: string): Promise<Certificate> {
  const { ca, cert, key } = await generateCertificate()
  const draft = await mkdtemp(join(folder, 'new-'))
  await writeFile(join(draft, 'ca.pem'), ca)
  await writeFile(join(draft, 'cert.pem'), cert)
  await writeFile(join(draft, 'key.pem'), key, { mode: 0o600 })
  const directory = join(folder, draft.slice(-6))
  await rename(draft, directory)
  return { cert, key, caFile: join(directory, 'ca.pem') }
}

async function generateCertificate(): Promise<{
  readonly ca: string
  readonly cert: string
  readonly key: string
}> {
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
