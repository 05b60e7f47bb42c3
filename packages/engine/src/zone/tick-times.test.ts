import { openTestZone } from '@terrane/testing'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import { defineWorld, kind } from '../index.js'
import { TickTimes } from './tick-times.js'

test('what a tick takes is counted under its name, also when it throws', () => {
  let now = 0
  const times = new TickTimes(() => now)
  const answer = times.measure('fly', () => {
    now += 4
    return 'done'
  })
  expect(answer).toBe('done')
  const failing = () => {
    now += 12
    throw new Error('broken')
  }
  expect(() => times.measure('fly', failing)).toThrow('broken')
  const fly = times.byTick.get('fly')
  expect(fly).toMatchObject({ count: 2, max: 12 })
  expect([3, 5, 11, 13].map((ms) => fly?.countUpTo(ms))).toEqual([0, 1, 1, 2])
})

test('a tick runs in the zones that it is for', async () => {
  const beats = pgTable('tick_beats', { zone: text().primaryKey(), beats: integer().notNull() })
  const world = defineWorld({
    name: 'tick-test',
    kinds: { beats: kind(beats) },
    zones: ['east', 'west'],
    init: (tx) => void tx.beats.insert({ zone: tx.zone, beats: 0 }),
    ticks: {
      beat: {
        everyMs: 100,
        in: (zone) => zone === 'east',
        apply: (tx) => void tx.beats.update(tx.zone, { beats: tx.beats.must(tx.zone).beats + 1 }),
      },
    },
  })
  const t = await openTestZone(world, { zone: 'east' })
  await t.time.advance(1_000)
  const beatsIn = (zone: string) => t.engine.opened(zone)?.tables.beats?.get(zone)
  expect(beatsIn('east')).toMatchObject({ beats: 10 })
  expect(beatsIn('west')).toMatchObject({ beats: 0 })
  expect(t.engine.tickMs.get('beat')?.count).toBe(10)
  await t.close()
})
