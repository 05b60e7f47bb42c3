import { hashOf } from '@terrane/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shippedGameData } from '../jobs/game-data-source.js'
import { importedGameData } from './imported-game-data.js'
import { type GameApi, openGameApi } from './rest/test-api/game-api.js'

let api: GameApi

beforeAll(async () => {
  api = await openGameApi()
})

afterAll(() => api?.close())

test('new jobs get the current revision, running ones keep theirs', async () => {
  const source = importedGameData(() => api.reader, shippedGameData())
  const before = await source.current()
  expect(before.data.spells.get(101)?.name).toBe('Ember Lance')
  expect(await hashOf(before.text)).toBe(before.hash)
  // A job that runs: the import must leave its revision alone.
  await api.query(
    `INSERT INTO jobs (user_id, sim_config, sentinel_config, revision) VALUES ('u', '', '', '${before.hash}')`,
  )
  for (const name of ['a', 'b', 'c'])
    await api.load(
      name,
      api.tables.spells.map((spell) => ({ ...spell, name })),
    )
  expect((await source.current()).data.spells.get(101)?.name).toBe('c')
  // As after a restart: nothing is remembered.
  const afterRestart = await importedGameData(() => api.reader, shippedGameData()).find(before.hash)
  expect(afterRestart?.text).toBe(before.text)
  expect(await source.find('f'.repeat(64))).toBe(undefined)
})

test('until something is imported the shipped data serves', async () => {
  await api.query('DELETE FROM game.current_revision')
  await api.query('DELETE FROM game.meta')
  const shipped = await shippedGameData().current()
  const source = importedGameData(() => api.reader, shippedGameData())
  expect((await source.current()).hash).toBe(shipped.hash)
  expect((await source.find(shipped.hash))?.hash).toBe(shipped.hash)
})
