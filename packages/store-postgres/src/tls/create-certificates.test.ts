import { X509Certificate } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { CLIENT_USERS } from './certificate-files.js'
import { type CreateOptions, createCertificates } from './create-certificates.js'
import { type FileOperations, fileOperations } from './file-operations.js'
import { inspectCertificates } from './inspect-certificates.js'
import { readClientTls, readNodeTls } from './read-certificates.js'
import { unusedPath } from './test-certificates/temporary-directory.js'

const FILES = ['ca', 'node', ...CLIENT_USERS.map((user) => `client.${user}`)].flatMap((each) => [
  `${each}.crt`,
  `${each}.key`,
])
const DAY_MS = 86_400_000
const isWindows = process.platform === 'win32'

function contentsOf(dir: string): Record<string, string> {
  return Object.fromEntries(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), 'utf8')]))
}

/** What every user and the server read, each pair checked; undefined for those that are not there. */
function pairsIn(dir: string): (string | undefined)[] {
  const readers = [() => readNodeTls(dir), ...CLIENT_USERS.map((user) => () => readClientTls(dir, user))]
  return readers.map((read) => {
    try {
      const { ca, cert, key } = read()
      return ca + cert + key
    } catch (error) {
      expect(error).toMatchObject({ code: 'missing_certificate' })
      return undefined
    }
  })
}

let prepared: string | undefined

/** A directory with a set of its own; all of them hold copies of one, because keys take time. */
async function directoryWithSet(): Promise<string> {
  if (prepared === undefined) {
    prepared = mkdtempSync(join(tmpdir(), 'terrane-prepared-certificates-'))
    await createCertificates({ dir: prepared })
  }
  const dir = unusedPath()
  cpSync(prepared, dir, { recursive: true })
  return dir
}

afterAll(() => {
  if (prepared !== undefined) rmSync(prepared, { recursive: true, force: true })
})

class Killed extends Error {}

/**
 * Ends the process before its n-th change: from there on nothing happens any more, no cleaning up either. A
 * file that is being written then is left half.
 * @param observe looks at the directory after each change
 */
function killedBefore(n: number, observe: () => void = () => {}): FileOperations & { readonly changes: () => number } {
  let changes = 0
  const step = <A extends unknown[]>(operation: (...args: A) => void, torn?: (...args: A) => void) => {
    return (...args: A) => {
      changes++
      if (changes === n) torn?.(...args)
      if (changes >= n) throw new Killed()
      operation(...args)
      observe()
    }
  }
  return {
    makeDirectory: step(fileOperations.makeDirectory),
    write: step(fileOperations.write, (path, text, mode) => {
      fileOperations.write(path, text.slice(0, text.length / 2), mode)
    }),
    rename: step(fileOperations.rename),
    remove: step(fileOperations.remove),
    sync: step(fileOperations.sync),
    changes: () => changes,
  }
}

/** Runs to the end and counts the changes, then runs again on fresh directories, killed before each of them. */
async function killAtEach(
  prepare: () => Promise<CreateOptions>,
  check: (options: CreateOptions, before: ReturnType<typeof pairsIn>, killedAt: number) => Promise<void>,
): Promise<void> {
  const whole = killedBefore(Number.POSITIVE_INFINITY)
  await createCertificates(await prepare(), whole)
  expect(whole.changes()).toBeGreaterThan(2 * CLIENT_USERS.length)
  for (let n = 1; n <= whole.changes(); n++) {
    const options = await prepare()
    const before = pairsIn(options.dir)
    await expect(createCertificates(options, killedBefore(n))).rejects.toThrow(Killed)
    await check(options, before, n)
  }
}

function expectSettled(dir: string): void {
  expect(readdirSync(dir).sort()).toEqual([...FILES].sort())
  expect(pairsIn(dir)).not.toContain(undefined)
}

test('makes a complete set and tells how long it lasts', async () => {
  const dir = unusedPath()
  const now = new Date('2030-01-01T00:00:00Z')
  const { outcome, certificates } = await createCertificates({ dir, now })
  expect(outcome).toBe('created')
  expect(readdirSync(dir).sort()).toEqual([...FILES].sort())
  expect(certificates).toEqual(inspectCertificates(dir, now))
  expect(certificates.map(({ file, daysLeft }) => [file, daysLeft])).toEqual([
    ['ca.crt', 3650],
    ['node.crt', 365],
    ['client.gateway_admin.crt', 365],
    ['client.gateway_reader.crt', 365],
    ['client.gateway_writer.crt', 365],
    ['client.root.crt', 365],
  ])
  expect(certificates[1]).toEqual({
    file: 'node.crt',
    subject: 'O=Cockroach, CN=node',
    sans: ['localhost', '127.0.0.1', '::1'],
    notBefore: new Date('2029-12-31T23:00:00Z'),
    notAfter: new Date('2031-01-01T00:00:00Z'),
    daysLeft: 365,
  })
  expect(inspectCertificates(dir, new Date('2031-01-01T12:00:00Z'))[1]?.daysLeft).toBe(-1)
})

test.skipIf(isWindows)('no key is readable by others at any moment, whatever the umask', async () => {
  const umask = process.umask(0)
  onTestFinished(() => void process.umask(umask))
  const dir = unusedPath()
  const check = () => {
    if (!existsSync(dir)) return
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    for (const entry of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
      if (entry.endsWith('.key')) expect(statSync(join(dir, entry)).mode & 0o777).toBe(0o600)
    }
  }
  const operations = killedBefore(Number.POSITIVE_INFINITY, check)
  await createCertificates({ dir }, operations)
  await createCertificates({ dir, rotate: true }, operations)
  expect(operations.changes()).toBeGreaterThan(4 * CLIENT_USERS.length)
  expect(statSync(join(dir, 'ca.crt')).mode & 0o022).toBe(0)
})

test.skipIf(isWindows)(
  'an empty directory is closed to others, one with other things in it is left as it is',
  async () => {
    const empty = unusedPath()
    mkdirSync(empty)
    chmodSync(empty, 0o755)
    await createCertificates({ dir: empty })
    expect(statSync(empty).mode & 0o777).toBe(0o700)

    const used = unusedPath()
    mkdirSync(used)
    chmodSync(used, 0o755)
    writeFileSync(join(used, 'notes.txt'), '')
    const notes: string[] = []
    await createCertificates({ dir: used, log: (message) => notes.push(message) })
    expect(statSync(used).mode & 0o777).toBe(0o755)
    expect(notes).toEqual([expect.stringContaining('can be entered by others')])
  },
)

test('a complete set is kept, with or without the key of its CA', async () => {
  const dir = await directoryWithSet()
  rmSync(join(dir, 'ca.key'))
  const before = contentsOf(dir)
  const { outcome, certificates } = await createCertificates({ dir, hosts: ['other'] })
  expect(outcome).toBe('kept')
  expect(certificates).toHaveLength(2 + CLIENT_USERS.length)
  expect(contentsOf(dir)).toEqual(before)
})

test.each(FILES.filter((name) => name !== 'ca.key'))('a set without %s is refused and left alone', async (name) => {
  const dir = await directoryWithSet()
  rmSync(join(dir, name))
  const before = contentsOf(dir)
  for (const rotate of [false, true]) {
    await expect(createCertificates({ dir, rotate })).rejects.toMatchObject({
      code: 'incomplete_certificates',
      message: expect.stringMatching(new RegExp(`lacks ${name.replaceAll('.', '\\.')}$`)),
    })
  }
  expect(contentsOf(dir)).toEqual(before)
})

test("a CA's key alone is not taken for an empty directory", async () => {
  const dir = unusedPath()
  mkdirSync(dir)
  writeFileSync(join(dir, 'ca.key'), 'precious')
  await expect(createCertificates({ dir })).rejects.toMatchObject({ code: 'incomplete_certificates' })
  expect(contentsOf(dir)).toEqual({ 'ca.key': 'precious' })
})

test('killed before any change while a set is made, nothing or all of it is there, and the next run mends it', async () => {
  const prepare = async () => ({ dir: unusedPath() })
  await killAtEach(prepare, async ({ dir }) => {
    const after = pairsIn(dir)
    const isThere = !after.includes(undefined)
    if (!isThere) expect(new Set(after)).toEqual(new Set([undefined]))
    const { outcome } = await createCertificates({ dir })
    expect(outcome).toBe(isThere ? 'kept' : 'created')
    expectSettled(dir)
    if (isThere) expect(pairsIn(dir)).toEqual(after)
  })
})

test('killed before any change of a rotation, all pairs are the old ones or all are new, and whole', async () => {
  const seen = new Set<string>()
  const prepare = async () => ({ dir: await directoryWithSet(), rotate: true })
  await killAtEach(prepare, async ({ dir }, before) => {
    const after = pairsIn(dir)
    const changed = after.filter((pair, index) => pair !== before[index])
    expect([0, after.length]).toContain(changed.length)
    expect(after).not.toContain(undefined)
    seen.add(changed.length === 0 ? 'old' : 'new')
    expect((await createCertificates({ dir })).outcome).toBe('kept')
    expectSettled(dir)
    expect(pairsIn(dir)).toEqual(after)
  })
  expect(seen).toEqual(new Set(['old', 'new']))
})

test('whoever reads between two changes of a rotation gets whole pairs of one set', async () => {
  const dir = await directoryWithSet()
  const before = pairsIn(dir)
  const seen: string[] = []
  const observe = () => {
    const changed = pairsIn(dir).filter((pair, index) => pair !== before[index]).length
    seen.push(changed === 0 ? 'old' : changed === before.length ? 'new' : 'mixed')
  }
  await createCertificates({ dir, rotate: true }, killedBefore(Number.POSITIVE_INFINITY, observe))
  expect(new Set(seen)).toEqual(new Set(['old', 'new']))
  expect(seen).toEqual([...seen].sort().reverse())
})

test('of two runs at once, one makes the set and the other is refused or finds it', async () => {
  const dir = unusedPath()
  const results = await Promise.allSettled([createCertificates({ dir }), createCertificates({ dir, rotate: false })])
  expect(results.some(({ status }) => status === 'fulfilled')).toBe(true)
  expectSettled(dir)
})

test('a run that sees the work of another one under way gives way to it', async () => {
  const dir = unusedPath()
  const other = join(dir, '.making-other')
  const operations: FileOperations = {
    ...fileOperations,
    makeDirectory(path) {
      fileOperations.makeDirectory(path)
      if (path !== dir) fileOperations.makeDirectory(other)
    },
  }
  await expect(createCertificates({ dir }, operations)).rejects.toMatchObject({ code: 'certificates_in_progress' })
  expect(readdirSync(dir)).toEqual(['.making-other'])
})

test('a rotation replaces all but the CA, and keeps the hosts unless others are given', async () => {
  const dir = unusedPath()
  await createCertificates({ dir, hosts: ['db.internal', 'fd00::5'] })
  const before = contentsOf(dir)
  expect((await createCertificates({ dir, rotate: true })).outcome).toBe('rotated')
  const after = contentsOf(dir)
  expect(FILES.filter((name) => before[name] === after[name])).toEqual(['ca.crt', 'ca.key'])
  expectSettled(dir)
  expect(inspectCertificates(dir)[1]?.sans).toEqual(['db.internal', 'fd00::5'])
  await createCertificates({ dir, rotate: true, hosts: ['other'] })
  expect(inspectCertificates(dir)[1]?.sans).toEqual(['other'])
})

test('a rotation needs a set and the key of its CA', async () => {
  const dir = unusedPath()
  await expect(createCertificates({ dir, rotate: true })).rejects.toMatchObject({ code: 'missing_certificate' })
  expect(existsSync(dir)).toBe(false)
  await createCertificates({ dir })
  const other = unusedPath()
  await createCertificates({ dir: other })
  const before = contentsOf(dir)
  rmSync(join(dir, 'ca.key'))
  await expect(createCertificates({ dir, rotate: true })).rejects.toMatchObject({ code: 'missing_ca_key' })
  writeFileSync(join(dir, 'ca.key'), contentsOf(other)['ca.key'] ?? '')
  await expect(createCertificates({ dir, rotate: true })).rejects.toMatchObject({ code: 'mismatching_certificate' })
  writeFileSync(join(dir, 'ca.key'), before['ca.key'] ?? '')
  expect(contentsOf(dir)).toEqual(before)
})

test('while one CA follows another, the one whose key is there signs, and both are kept', async () => {
  const dir = await directoryWithSet()
  const other = unusedPath()
  await createCertificates({ dir: other })
  const both = (contentsOf(other)['ca.crt'] ?? '') + (contentsOf(dir)['ca.crt'] ?? '')
  writeFileSync(join(dir, 'ca.crt'), both)
  await createCertificates({ dir, rotate: true })
  const { ca, cert } = readNodeTls(dir)
  expect(ca).toBe(both)
  const signer = new X509Certificate(readFileSync(join(prepared ?? '', 'ca.crt')))
  expect(new X509Certificate(cert).verify(signer.publicKey)).toBe(true)
})

test('no certificate outlives its CA: a wish that would is refused, the default is cut', async () => {
  const now = new Date('2030-01-01T00:00:00Z')
  const dir = unusedPath()
  const tooLong = createCertificates({ dir, now, caDays: 100, leafDays: 100 })
  await expect(tooLong).rejects.toMatchObject({ code: 'invalid_lifetime', hint: expect.stringContaining('99 days') })
  await createCertificates({ dir, now, caDays: 100, leafDays: 99 })

  const later = new Date(now.getTime() + 40 * DAY_MS)
  const wish = createCertificates({ dir, rotate: true, now: later, leafDays: 60 })
  await expect(wish).rejects.toMatchObject({ code: 'invalid_lifetime', hint: expect.stringContaining('59 days') })
  const notes: string[] = []
  await createCertificates({ dir, rotate: true, now: later, log: (message) => notes.push(message) })
  const [ca, ...leaves] = inspectCertificates(dir, later)
  expect(leaves.map(({ daysLeft }) => daysLeft)).toEqual(leaves.map(() => 59))
  for (const { notAfter } of leaves) expect(notAfter.getTime()).toBeLessThan(ca?.notAfter.getTime() ?? 0)
  expect(notes).toEqual([expect.stringContaining('because the CA ends soon')])

  const lastDay = new Date(now.getTime() + 99.5 * DAY_MS)
  await expect(createCertificates({ dir, rotate: true, now: lastDay })).rejects.toMatchObject({ code: 'expired_ca' })
})

test.each([0, -1, 1.5, Number.NaN, 91_251])('%s is no lifetime', async (days) => {
  const dir = unusedPath()
  await expect(createCertificates({ dir, leafDays: days })).rejects.toMatchObject({ code: 'invalid_lifetime' })
  await expect(createCertificates({ dir, caDays: days })).rejects.toMatchObject({ code: 'invalid_lifetime' })
  expect(existsSync(dir)).toBe(false)
})

test('a place that cannot be written is told as such', async () => {
  const file = unusedPath()
  writeFileSync(file, '')
  const dir = join(file, 'certs')
  await expect(createCertificates({ dir })).rejects.toMatchObject({ code: 'certificates_not_written' })
})
