import { VClock } from '@terrane/causality'
import { MemoryDisk, MemoryStore } from '@terrane/store-memory'
import { openTestZone, SimulatedTime } from '@terrane/testing'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineWorld, kind } from '../world/define-world.js'
import type { Replica } from '../world/replication.js'
import { encodeRound, encodeRow } from './replica-round.js'

const cores = pgTable('replica_store_cores', { id: text().primaryKey(), version: integer().notNull() })
const AUTHORS = ['left', 'right'] as const
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'] as const
const ROOM = 4
/** First byte of a note with a round. */
const TAG = 1

const world = defineWorld({
  name: 'replica-store',
  kinds: { cores: kind(cores, { replicate: { to: () => ['here'] } }) },
  zones: ['here', ...AUTHORS],
  inputs: {
    own: { args: z.object({ id: z.string() }), apply: (tx, { id }) => void tx.cores.insert({ id, version: -1 }) },
  },
})

/**
 * Rounds of two zones, each from 1 on, with what each knew of the other. Every key has one owner: the first half of the
 * keys is the left one's.
 */
const rounds = fc.record({
  sent: fc.array(
    fc.record({
      author: fc.nat(1),
      keys: fc.subarray([0, 1, 2]),
      /** What the author hears before of all that the other has sent so far. */
      hears: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  order: fc.array(fc.nat(100), { minLength: 1, maxLength: 30 }),
})

it('holds of each owner what its newest round says, within its room, and knows what is stale', async () => {
  const disk = new MemoryDisk()
  const time = new SimulatedTime()
  const store = new MemoryStore(disk, { clock: time })
  const numbers: number[] = []
  for (const zone of AUTHORS) {
    void store.zones.register(zone).then((number) => numbers.push(number))
    await time.advance(1)
  }
  await fc.assert(
    fc.asyncProperty(rounds, async ({ sent, order }) => {
      const t = await openTestZone(world, {
        time: new SimulatedTime(),
        disk: disk.copy(),
        limits: { replicasMax: ROOM, replicaStaleMs: 1_000_000, authorityMax: 1, authorityHeadroom: 0 },
      })
      // What it owns takes no room from copies, and its own rows are not hidden by them.
      for (const id of ['x', 'y', 'z']) t.send('ann', 'own', { id })
      const clocks = [VClock.zero, VClock.zero]
      const notes = sent.map(({ author, keys, hears }) => {
        const number = numbers[author] as number
        const other = clocks[1 - author] as VClock
        const known = hears ? (clocks[author] as VClock).merge(other) : (clocks[author] as VClock)
        const sentAt = known.tick(number)
        clocks[author] = sentAt
        const version = sentAt.get(number)
        const ids = keys.map((key) => KEYS[author * 3 + key] as string)
        const rows = ids.map((id) => encodeRow([id, version]))
        const bytes = encodeRound(TAG, {
          author: number,
          sentAt,
          kinds: [{ name: 'cores', columns: ['id', 'version'], rows }],
        })
        return { author, sentAt, version, ids, bytes }
      })
      const newest = new Map<number, (typeof notes)[number]>()
      let clock = VClock.zero
      for (const place of order) {
        const note = notes[place % notes.length] as (typeof notes)[number]
        t.zone.told({ from: AUTHORS[note.author] as string, to: 'here', bytes: note.bytes })
        clock = clock.merge(note.sentAt)
        if (note.version >= (newest.get(note.author)?.version ?? 0)) newest.set(note.author, note)
        const held = [...(t.zone.replicas.cores?.all() ?? [])] as unknown as Replica<{ id: string; version: number }>[]
        expect(held.length).toBeLessThanOrEqual(ROOM)
        const due = [...newest.values()].reduce((sum, { ids }) => sum + ids.length, 0)
        // Room that is free is used when the rows come next, so all of few are there.
        if (due <= ROOM && newest.get(note.author) === note)
          expect(held.map(({ row }) => row.id)).toEqual(expect.arrayContaining(note.ids))
        for (const { row, zone, stale, sentAt } of held) {
          const author = AUTHORS.indexOf(zone as 'left')
          expect(row.version).toBe(newest.get(author)?.version)
          expect(newest.get(author)?.ids).toContain(row.id)
          const number = numbers[author] as number
          expect(stale).toBe(sentAt.get(number) < clock.get(number))
        }
      }
      expect(t.zone.entities).toBe(3)
      t.engine.stop()
    }),
    { numRuns: 60 },
  )
})
