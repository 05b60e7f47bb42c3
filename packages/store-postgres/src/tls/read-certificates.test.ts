import { chmodSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { expect, test } from 'vitest'
import { readNewest } from './certificate-directory.js'
import { clientFiles } from './certificate-files.js'
import { createCertificates } from './create-certificates.js'
import { readClientTls, readNodeTls, readPair } from './read-certificates.js'
import { unusedPath } from './test-certificates/temporary-directory.js'

const NOW = new Date('2030-01-01T00:00:00Z')
const WRITER = 'gateway_writer'

async function newSet(): Promise<string> {
  const dir = unusedPath()
  await createCertificates({ dir, now: NOW })
  return dir
}

test('gives what the files hold, as options of TLS', async () => {
  const dir = await newSet()
  const warnings: string[] = []
  const warn = (message: string) => warnings.push(message)
  const writer = readClientTls(dir, WRITER, { now: NOW, warn })
  const text = (name: string) => readFileSync(join(dir, name), 'utf8')
  expect(writer).toEqual({
    ca: text('ca.crt'),
    cert: text('client.gateway_writer.crt'),
    key: text('client.gateway_writer.key'),
  })
  const node = readNodeTls(dir, { now: NOW, warn })
  expect(node).toEqual({ ca: text('ca.crt'), cert: text('node.crt'), key: text('node.key') })
  expect(() => createServer(node)).not.toThrow()
  expect(warnings).toEqual([])
})

test.each(['ca.crt', 'client.gateway_writer.crt', 'client.gateway_writer.key'])('names a missing %s', async (name) => {
  const dir = await newSet()
  rmSync(join(dir, name))
  expect(() => readClientTls(dir, WRITER, { now: NOW })).toThrow(
    expect.objectContaining({ code: 'missing_certificate', message: `${join(dir, name)} does not exist` }),
  )
})

test.each(['ca.crt', 'client.gateway_writer.crt', 'client.gateway_writer.key'])('names a damaged %s', async (name) => {
  const dir = await newSet()
  writeFileSync(join(dir, name), '-----BEGIN NONSENSE-----\n')
  expect(() => readClientTls(dir, WRITER, { now: NOW })).toThrow(
    expect.objectContaining({ code: 'unreadable_certificate', message: expect.stringContaining(join(dir, name)) }),
  )
})

test('names a file that cannot be read', async () => {
  const dir = await newSet()
  rmSync(join(dir, 'node.key'))
  mkdirSync(join(dir, 'node.key'))
  const refused = {
    code: 'unreadable_certificate',
    message: expect.stringContaining('EISDIR'),
    hint: expect.any(String),
  }
  expect(() => readNodeTls(dir, { now: NOW })).toThrow(expect.objectContaining(refused))
})

test("refuses a key that is another one's, and says that it may pass", async () => {
  const dir = await newSet()
  cpSync(join(dir, 'client.root.key'), join(dir, 'client.gateway_writer.key'))
  expect(() => readClientTls(dir, WRITER, { now: NOW })).toThrow(
    expect.objectContaining({ code: 'mismatching_certificate', retry: 'later' }),
  )
})

test("refuses another user's certificate", async () => {
  const dir = await newSet()
  for (const kind of ['crt', 'key']) {
    renameSync(join(dir, `client.gateway_admin.${kind}`), join(dir, `client.gateway_writer.${kind}`))
  }
  expect(() => readClientTls(dir, WRITER, { now: NOW })).toThrow(
    expect.objectContaining({ code: 'wrong_certificate_user', message: expect.stringContaining('gateway_admin') }),
  )
})

test('refuses what is not valid yet, or no more, to the second', async () => {
  const dir = await newSet()
  const at = (time: string) => () => readClientTls(dir, WRITER, { now: new Date(time) })
  expect(at('2029-12-31T22:59:59Z')).toThrow(expect.objectContaining({ code: 'certificate_not_yet_valid' }))
  expect(at('2029-12-31T23:00:00Z')).not.toThrow()
  expect(at('2031-01-01T00:00:00Z')).not.toThrow()
  expect(at('2031-01-01T00:00:01Z')).toThrow(expect.objectContaining({ code: 'expired_certificate' }))
  expect(() => readNodeTls(dir, { now: new Date('2031-01-01T00:00:01Z') })).toThrow(
    expect.objectContaining({ code: 'expired_certificate' }),
  )
})

test.skipIf(process.platform === 'win32')('warns of a key that others can read, and uses it', async () => {
  const dir = await newSet()
  const { key } = clientFiles(dir, WRITER)
  chmodSync(key, 0o640)
  const warnings: string[] = []
  readClientTls(dir, WRITER, { now: NOW, warn: (message) => warnings.push(message) })
  expect(warnings).toEqual([`${key} is readable by others (mode 640): chmod 600 it`])
})

test.each(['certificate', 'key'])('reads again when files were exchanged before the %s was read', async (what) => {
  const dir = await newSet()
  const next = await newSet()
  const files = clientFiles(dir, WRITER)
  let exchanged = false
  const { credentials } = readPair(files, (path) => {
    if (!exchanged && path === (what === 'key' ? files.key : files.cert)) {
      exchanged = true
      cpSync(next, dir, { recursive: true })
    }
    return readNewest(path)
  })
  expect(exchanged).toBe(true)
  const { cert, key } = readClientTls(next, WRITER, { now: NOW })
  expect(credentials).toMatchObject({ cert, key })
})
