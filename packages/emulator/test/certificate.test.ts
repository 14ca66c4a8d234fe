import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { loopbackCertificate } from '../src/certificate.ts'

const DAY_MS = 24 * 60 * 60 * 1000

let temporary: string
let folder: string

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'azlogs-test-'))
  folder = join(temporary, 'tls')
})
afterEach(async () => {
  vi.useRealTimers()
  await rm(temporary, { recursive: true })
})

const makeOld = (path: string): Promise<void> => {
  const longAgo = new Date(Date.now() - 2 * DAY_MS)
  return utimes(path, longAgo, longAgo)
}

test('the second start takes the certificate of the first', async () => {
  const first = await loopbackCertificate(folder)
  expect(await loopbackCertificate(folder)).toEqual(first)
  expect(await readdir(folder)).toHaveLength(1)
})

test('the certificate is for loopback alone and signed by the authority, whose key is nowhere', async () => {
  const { cert, caFile } = await loopbackCertificate(folder)
  const leaf = new X509Certificate(cert)
  const authority = new X509Certificate(await readFile(caFile, 'utf8'))
  expect(leaf.verify(authority.publicKey)).toBe(true)
  expect(leaf.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1')
  expect(leaf.ca).toBe(false)
  const files = await readdir(dirname(caFile))
  expect(files.toSorted()).toEqual(['ca.pem', 'cert.pem', 'key.pem'])
  const key = createPrivateKey(await readFile(join(dirname(caFile), 'key.pem'), 'utf8'))
  expect(leaf.checkPrivateKey(key)).toBe(true)
  expect(authority.checkPrivateKey(key)).toBe(false)
})

test.skipIf(process.getuid === undefined)('nobody else can read the key', async () => {
  const { caFile } = await loopbackCertificate(folder)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  expect((await stat(join(dirname(caFile), 'key.pem'))).mode & 0o777).toBe(0o600)
})

test('starts at the same moment each get a certificate that fits its authority', async () => {
  const certificates = await Promise.all([1, 2, 3].map(() => loopbackCertificate(folder)))
  for (const { cert, caFile } of certificates) {
    const authority = new X509Certificate(await readFile(caFile, 'utf8'))
    expect(new X509Certificate(cert).verify(authority.publicKey)).toBe(true)
  }
})

test('a certificate that is about to end is replaced, and removed when it is old', async () => {
  const first = await loopbackCertificate(folder)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 340 * DAY_MS })
  const second = await loopbackCertificate(folder)
  expect(second.caFile).not.toBe(first.caFile)
  expect(await loopbackCertificate(folder)).toEqual(second)
  await expect(stat(first.caFile)).rejects.toThrow('ENOENT')
})

test.each(['ca.pem', 'cert.pem', 'key.pem'])(
  'a certificate whose %s is damaged is not used',
  async (file) => {
    const first = await loopbackCertificate(folder)
    await writeFile(join(dirname(first.caFile), file), 'torn')
    const second = await loopbackCertificate(folder)
    expect(second.caFile).not.toBe(first.caFile)
  },
)

test('what a start that was killed has left behind is removed once it is a day old', async () => {
  await loopbackCertificate(folder)
  const [young, old] = [await mkdtemp(join(folder, 'new-')), await mkdtemp(join(folder, 'new-'))]
  await makeOld(old)
  await rm(join(folder, (await readdir(folder)).find((name) => !name.startsWith('new-')) ?? ''), {
    recursive: true,
  })
  await loopbackCertificate(folder)
  const left = await readdir(folder)
  expect(left.map((name) => join(folder, name))).toContain(young)
  expect(left.map((name) => join(folder, name))).not.toContain(old)
})

test.skipIf(process.getuid === undefined)(
  'a folder that others may enter, or a link, is refused',
  async () => {
    await loopbackCertificate(folder)
    await chmod(folder, 0o755)
    await expect(loopbackCertificate(folder)).rejects.toThrow(`${folder}, where the emulator keeps`)
    await chmod(folder, 0o700)
    const link = join(temporary, 'link')
    await symlink(folder, link)
    await expect(loopbackCertificate(link)).rejects.toThrow('set TMPDIR')
  },
)
