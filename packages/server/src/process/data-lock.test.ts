import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { DataLock } from './data-lock.js'
import { isKnownDead, ownName, startOf } from './identity.js'
import { keptSecret } from './secret.js'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'terrane-lock-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
})

test('one holder at a time, and the next hears where it serves', () => {
  const lock = DataLock.take(directory)
  lock.announce('http://127.0.0.1:1')
  expect(() => DataLock.take(directory)).toThrow(`process ${process.pid}, which serves http://127.0.0.1:1`)
  lock.release()
  expect(existsSync(join(directory, 'server.lock'))).toBe(false)
  DataLock.take(directory).release()
})

test.each([
  ['gone', { pid: 2 ** 22 + 1, start: '1', url: '' }],
  ['replaced by another process with its id', { pid: process.pid, start: 'long ago', url: '' }],
])('a holder that is %s does not count', (_, holder) => {
  writeFileSync(join(directory, 'server.lock'), JSON.stringify(holder))
  DataLock.take(directory).release()
})

test('a damaged lock does not count', () => {
  writeFileSync(join(directory, 'server.lock'), '{"pid":')
  DataLock.take(directory).release()
})

test('releasing does not remove the lock of another', () => {
  const lock = DataLock.take(directory)
  writeFileSync(join(directory, 'server.lock'), '{"pid":1,"start":"x","url":""}')
  lock.release()
  expect(existsSync(join(directory, 'server.lock'))).toBe(true)
})

test('an owner is known to be dead only when it was here', () => {
  const own = ownName()
  expect(startOf(process.pid)).toBeDefined()
  expect(isKnownDead(own)).toBe(false)
  expect(isKnownDead(own.replace(`:${process.pid}:`, `:${2 ** 22 + 1}:`))).toBe(true)
  expect(isKnownDead(`${own}0`)).toBe(true)
  expect(isKnownDead(`elsewhere/00000000:${2 ** 22 + 1}:1`)).toBe(false)
  expect(isKnownDead('nonsense')).toBe(false)
})

test('a secret is made once and kept', () => {
  const secret = keptSecret(directory)
  expect(secret.length).toBeGreaterThanOrEqual(32)
  expect(keptSecret(directory)).toBe(secret)
})
