import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { CertificateAuthority } from './certificate-authority.js'
import { type HostName, parseHosts } from './hosts.js'
import { hostsOf } from './x509.js'

const START_MS = Date.parse('2030-01-01T00:00:00Z')
const validity = (days: number) => ({ notBefore: new Date(START_MS), notAfter: new Date(START_MS + days * 86_400_000) })

let authority: CertificateAuthority

beforeAll(async () => {
  authority = (await CertificateAuthority.create(validity(10))).authority
})

async function certificateFor(hosts: readonly HostName[]): Promise<X509Certificate> {
  const request = { commonName: 'node', usages: ['serverAuth'] as const, hosts, validity: validity(1) }
  return new X509Certificate((await authority.issue(request)).cert)
}

const label = fc.stringMatching(/^[a-zA-Z_]([a-zA-Z0-9_-]{0,20}[a-zA-Z0-9_])?$/)
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'))
const host = fc.oneof(name, fc.ipV4(), fc.ipV6())

test('a certificate is good for each host that was given, in any spelling, and for no other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(host, { minLength: 1, maxLength: 8 }), host, async (hosts, other) => {
      const certificate = await certificateFor(parseHosts(hosts))
      const isFor = (text: string) =>
        (isIP(text) ? certificate.checkIP(text) : certificate.checkHost(text)) !== undefined
      expect(hosts.filter((each) => !isFor(each))).toEqual([])
      const canonical = parseHosts(hosts).map(({ value }) => value)
      expect(hostsOf(certificate)).toEqual(canonical)
      const [otherName] = parseHosts([other])
      expect(isFor(other)).toBe(canonical.includes(otherName?.value ?? ''))
    }),
    { numRuns: 50 },
  )
})

test('spellings of one name are one name', () => {
  const hosts = ['DB.internal', 'db.internal', '::1', '0:0:0:0:0:0:0:1', '::ffff:1.2.3.4', '10.0.0.1']
  expect(parseHosts(hosts)).toEqual([
    { type: 'dns', value: 'db.internal' },
    { type: 'ip', value: '::1' },
    { type: 'ip', value: '::ffff:102:304' },
    { type: 'ip', value: '10.0.0.1' },
  ])
})

test('a wildcard stands for the first label', async () => {
  const certificate = await certificateFor(parseHosts(['*.db.example']))
  expect(certificate.checkHost('a.db.example')).toBeDefined()
  expect(certificate.checkHost('a.b.db.example')).toBeUndefined()
})

test.each([
  ['', 'single commas'],
  [' db', 'single commas'],
  ['https://db', 'not a URL'],
  ['10.0.0.0/8', 'not a URL'],
  ['db:5432', 'without a port'],
  ['[::1]:5432', 'without brackets'],
  ['db.example.', 'dot at the end'],
  ['bücher.example', 'xn--'],
  ['a.*.example', 'first label'],
  ['*', 'first label'],
  ['*.example', 'first label'],
  ['-db', 'hyphen at either end'],
  ['db-', 'hyphen at either end'],
  ['a b', 'Labels'],
  ['a'.repeat(64), '1 to 63'],
  [Array(64).fill('abc').join('.'), '253 characters'],
  ['300.1.1.1', 'four numbers'],
  ['1.2.3', 'four numbers'],
  ['fe80::1%eth0', 'without their zone'],
])('refuses %j', (text, hint) => {
  const refused = expect.objectContaining({ code: 'invalid_host', hint: expect.stringContaining(hint) })
  expect(() => parseHosts(['localhost', text])).toThrow(refused)
})

test('refuses an empty list', () => {
  expect(() => parseHosts([])).toThrow(expect.objectContaining({ code: 'invalid_host' }))
})
