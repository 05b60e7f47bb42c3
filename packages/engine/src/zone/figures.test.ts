import { openTestZone } from '@terrane/testing'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineWorld, kind } from '../index.js'

const wares = pgTable('figure_wares', { id: text().primaryKey(), count: integer().notNull() })

const world = defineWorld({
  name: 'figure-test',
  kinds: { wares: kind(wares) },
  zones: ['east', 'west'],
  inputs: {
    stock: { args: z.object({ id: z.string() }), apply: (tx, { id }) => void tx.wares.insert({ id, count: 3 }) },
  },
  figures: {
    kinds: { help: 'kinds of wares', read: (tables) => tables.wares.count, alertAt: 2 },
    ropes: { help: 'ropes', in: (zone) => zone === 'east', read: (tables) => tables.wares.must('rope').count },
  },
})

test('figures are read in every zone that has them; one that fails is reported, and the others are still told', async () => {
  const t = await openTestZone(world, { zone: 'east' })
  const values = () => t.engine.figures().map(({ name, zone, value, alertAt }) => [name, zone, value, alertAt])
  expect(values()).toEqual([
    ['kinds', 'east', 0, 2],
    ['kinds', 'west', 0, 2],
  ])
  expect(t.events).toContainEqual(expect.objectContaining({ type: 'figure_failed', zone: 'east', figure: 'ropes' }))
  t.send('ann', 'stock', { id: 'rope' })
  expect(values()).toEqual([
    ['kinds', 'east', 1, 2],
    ['ropes', 'east', 3, undefined],
    ['kinds', 'west', 0, 2],
  ])
  await t.close()
})
