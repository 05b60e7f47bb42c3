import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BotTokens } from './bot-tokens.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bot-tokens-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

test('tokens outlive the process, each bot has its own, and others cannot read them', () => {
  const file = join(folder, 'deep', 'tokens.json')
  const tokens = new BotTokens(file)
  tokens.of('bot-0').setItem('any', 'first')
  tokens.of('bot-1').setItem('any', 'second')
  tokens.of('bot-1').removeItem('any')
  const later = new BotTokens(file)
  expect(later.of('bot-0').getItem('any')).toBe('first')
  expect(later.of('bot-1').getItem('any')).toBeNull()
  expect(statSync(file).mode & 0o077).toBe(0)
})

test.each(['', 'not json', '[1]', '{"bot-0":7}', 'null'])('a file with %j counts as empty and is replaced', (text) => {
  const file = join(folder, 'tokens.json')
  writeFileSync(file, text)
  const tokens = new BotTokens(file)
  expect(tokens.of('bot-0').getItem('any')).toBeNull()
  tokens.of('bot-0').setItem('any', 'new')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ 'bot-0': 'new' })
})
