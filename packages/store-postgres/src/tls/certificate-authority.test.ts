import 'reflect-metadata'
import { spawnSync } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { expect, test } from 'vitest'
import { CertificateAuthority } from './certificate-authority.js'
import { CLIENT_USERS } from './certificate-files.js'
import { createCertificates } from './create-certificates.js'
import { unusedPath } from './test-certificates/temporary-directory.js'

const { clientAuth, serverAuth } = x509.ExtendedKeyUsage
const hasOpenssl = spawnSync('openssl', ['version']).status === 0

async function newSet(): Promise<string> {
  const dir = unusedPath()
  await createCertificates({ dir, hosts: ['db.internal', '10.0.0.5', 'fd00::5'] })
  return dir
}

function read(dir: string, name: string): { parsed: x509.X509Certificate; native: X509Certificate } {
  const pem = readFileSync(join(dir, `${name}.crt`), 'utf8')
  return { parsed: new x509.X509Certificate(pem), native: new X509Certificate(pem) }
}

test('the CA may sign leaves and nothing else', async () => {
  const { parsed, native } = read(await newSet(), 'ca')
  expect(native.subject).toBe('O=Cockroach\nCN=Terrane Database CA')
  expect(native.checkIssued(native)).toBe(true)
  expect(native.verify(native.publicKey)).toBe(true)
  expect(parsed.getExtension(x509.BasicConstraintsExtension)).toMatchObject({ ca: true, pathLength: 0, critical: true })
  const { keyCertSign, cRLSign } = x509.KeyUsageFlags
  expect(parsed.getExtension(x509.KeyUsagesExtension)).toMatchObject({ usages: keyCertSign | cRLSign, critical: true })
})

test.each([
  ['node', [serverAuth, clientAuth], 'DNS:db.internal, IP Address:10.0.0.5, IP Address:FD00:0:0:0:0:0:0:5'],
  ...CLIENT_USERS.map((user) => [`client.${user}`, [clientAuth], undefined] as const),
] as const)('%s has the name, usages and hosts that databases look for', async (name, usages, hosts) => {
  const dir = await newSet()
  const { parsed, native } = read(dir, name)
  const ca = read(dir, 'ca')
  expect(native.subject).toBe(`O=Cockroach\nCN=${name.replace('client.', '')}`)
  expect(native.subjectAltName).toBe(hosts)
  expect(native.keyUsage).toEqual(usages)
  expect(native.ca).toBe(false)
  expect(parsed.getExtension(x509.KeyUsagesExtension)?.usages).toBe(x509.KeyUsageFlags.digitalSignature)
  expect(native.checkIssued(ca.native)).toBe(true)
  expect(native.verify(ca.native.publicKey)).toBe(true)
  expect(parsed.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId).toBe(
    ca.parsed.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
  )
  expect(parsed.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId).toMatch(/^[0-9a-f]{40}$/)
  expect(parsed.notAfter.getTime()).toBeLessThan(ca.parsed.notAfter.getTime())
  expect(parsed.notBefore.getTime()).toBeLessThan(Date.now())
})

test('serial numbers are positive, at most 20 bytes, with 64 random bits and more, and all different', async () => {
  const dir = await newSet()
  const names = readdirSync(dir).filter((name) => name.endsWith('.crt'))
  const serials = names.map((name) => read(dir, name.slice(0, -4)).parsed.serialNumber)
  for (const serial of serials) expect(serial).toMatch(/^([0-9a-f]{2}){12,20}$/)
  expect(new Set(serials).size).toBe(names.length)
})

test('keys are on P-256, one PKCS #8 block each, and no two are the same', async () => {
  const dir = await newSet()
  const keys = readdirSync(dir).filter((name) => name.endsWith('.key'))
  const texts = keys.map((name) => readFileSync(join(dir, name), 'utf8'))
  expect(new Set(texts).size).toBe(2 + CLIENT_USERS.length)
  for (const text of texts) {
    expect(text).toMatch(/^-----BEGIN PRIVATE KEY-----\n[^-]+\n-----END PRIVATE KEY-----\n$/)
    expect(createPrivateKey(text).asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
  }
})

test('lifetimes beyond 2049 are written as they are', async () => {
  const dir = unusedPath()
  await createCertificates({ dir, now: new Date('2030-05-01T12:00:00.789Z'), caDays: 36_500, leafDays: 33_333 })
  expect(read(dir, 'ca').native.validTo).toBe('Apr  7 12:00:00 2130 GMT')
  expect(read(dir, 'node').native.validFrom).toBe('May  1 11:00:00 2030 GMT')
  expect(read(dir, 'node').native.validTo).toBe('Aug  5 12:00:00 2121 GMT')
})

test.skipIf(!hasOpenssl)('OpenSSL accepts all of it at its strictest', async () => {
  const dir = await newSet()
  const verify = (purpose: string, name: string) =>
    spawnSync('openssl', ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'ca.crt', `${name}.crt`], {
      cwd: dir,
      encoding: 'utf8',
    })
  expect(verify('sslserver', 'node')).toMatchObject({ status: 0, stdout: 'node.crt: OK\n' })
  expect(verify('sslclient', 'node')).toMatchObject({ status: 0 })
  for (const user of CLIENT_USERS) {
    expect(verify('sslclient', `client.${user}`)).toMatchObject({ status: 0 })
    expect(verify('sslserver', `client.${user}`).status).not.toBe(0)
  }
  const { stdout } = spawnSync('openssl', ['x509', '-in', 'node.crt', '-noout', '-text'], {
    cwd: dir,
    encoding: 'utf8',
  })
  expect(stdout).toContain('X509v3 Key Usage: critical\n                Digital Signature\n')
  expect(stdout).toContain('TLS Web Server Authentication, TLS Web Client Authentication')
})

test.skipIf(!hasOpenssl)("a CA of OpenSSL's making, RSA as `cockroach cert` has it, signs the next set", async () => {
  const dir = await newSet()
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  writeFileSync(join(dir, 'ca.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }))
  const made = spawnSync(
    'openssl',
    [
      'req',
      '-x509',
      '-key',
      'ca.key',
      '-subj',
      '/O=Cockroach/CN=Cockroach CA',
      '-days',
      '3650',
      '-out',
      'ca.crt',
      '-addext',
      'keyUsage=critical,keyCertSign',
    ],
    { cwd: dir, encoding: 'utf8' },
  )
  expect(made).toMatchObject({ status: 0 })
  await createCertificates({ dir, rotate: true })
  const verified = spawnSync('openssl', ['verify', '-x509_strict', '-CAfile', 'ca.crt', 'node.crt'], { cwd: dir })
  expect(verified.status).toBe(0)
  expect(read(dir, 'node').native.checkIssued(read(dir, 'ca').native)).toBe(true)
})

test('refuses a CA key of a type that databases do not take', async () => {
  const dir = await newSet()
  const { privateKey } = generateKeyPairSync('ed25519')
  const certificate = read(dir, 'ca').native
  const authority = CertificateAuthority.from(new Uint8Array(certificate.raw), privateKey)
  await expect(authority).rejects.toMatchObject({ code: 'unsupported_ca_key' })
})
