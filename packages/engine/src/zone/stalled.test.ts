import { openTestZone } from '@terrane/testing'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineWorld, kind, TransientStoreError } from '../index.js'

const scores = pgTable('stalled_scores', { id: text().primaryKey(), points: integer().notNull() })

const world = defineWorld({
  name: 'stalled-test',
  kinds: { scores: kind(scores) },
  inputs: {
    add: {
      args: z.object({}),
      apply(tx) {
        const points = (tx.scores.get(tx.player)?.points ?? 0) + 1
        if (points === 1) tx.scores.insert({ id: tx.player, points })
        else tx.scores.update(tx.player, { points })
        return points
      },
    },
  },
})

test('a database that does not answer is no better than one that fails', async () => {
  let isFrozen = false
  let thaw = (): void => {}
  const t = await openTestZone(world, {
    faults: {
      before: ({ method }) =>
        isFrozen && method === 'log.append' ? new Promise<void>((resolve) => (thaw = resolve)) : undefined,
    },
  })
  isFrozen = true
  t.send('ann', 'add')
  await t.time.advance(1_900)
  expect(t.zone.state).toBe('active')
  await t.time.advance(200)
  expect(t.zone.status()).toMatchObject({ state: 'stalled', stalledBecause: 'append: no answer for 2000 ms' })
  expect(t.attempt('ann', 'add')).toMatchObject({ code: 'zone_unavailable' })
  isFrozen = false
  thaw()
  await t.durable()
  expect(t.zone.state).toBe('active')
  expect(t.send('ann', 'add')).toBe(2)
  await t.durable()
  await t.close()
})

test('while the database keeps nothing a zone refuses inputs and says why; then it goes on with all it had taken', async () => {
  let trouble: string | undefined
  const t = await openTestZone(world, {
    faults: {
      before: ({ method }) => {
        if (trouble !== undefined && method === 'log.append') throw new TransientStoreError(trouble)
      },
    },
  })
  t.send('ann', 'add')
  await t.durable()

  trouble = 'append: no space left on device'
  expect(t.send('ann', 'add')).toBe(2)
  await t.time.advance(1_000)
  expect(t.zone.status()).toMatchObject({ state: 'active' })
  expect(t.zone.status()).not.toHaveProperty('stalledBecause')
  // A pause of the database's that players need not hear of.
  expect(t.send('ann', 'add')).toBe(3)

  await t.time.advance(5_000)
  expect(t.zone.status()).toMatchObject({ state: 'stalled', stalledBecause: trouble })
  expect(t.attempt('ann', 'add')).toMatchObject({ code: 'zone_unavailable', retry: 'later' })
  trouble = 'append: the database is starting'
  await t.time.advance(30_000)
  expect(t.zone.status()).toMatchObject({ state: 'stalled', stalledBecause: trouble })
  expect(t.events.filter(({ type }) => type === 'zone_stalled')).toHaveLength(1)

  trouble = undefined
  await t.durable()
  expect(t.zone.status()).toMatchObject({ state: 'active' })
  expect(t.zone.status()).not.toHaveProperty('stalledBecause')
  expect(t.send('ann', 'add')).toBe(4)
  await t.durable()
  const again = await t.crash()
  expect(again.zone.tables.scores?.get('ann')).toEqual({ id: 'ann', points: 4 })
  await again.close()
})
