import { openTestZone, ReplicaModel } from '@terrane/testing'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineWorld, kind } from '../world/define-world.js'
import { wireTypeOf } from '../world/kind-schema.js'
import { STATE_HEADROOM, type StateCast, type StateFrame } from '../zone/zone-session.js'

const ROOMS = ['a', 'b', 'c']

/** Rooms and nothing else, so that clients of one room are served together. */
const world = defineWorld({
  name: 'rooms',
  kinds: {
    words: kind(pgTable('words', { id: integer().primaryKey(), room: text().notNull(), text: text().notNull() }), {
      visible: { to: 'room', column: 'room' },
    }),
  },
  interest: { hz: 20 },
  inputs: {
    say: {
      args: z.object({ id: z.int(), room: z.string(), text: z.string() }),
      apply(tx, { id, ...word }) {
        if (!tx.words.has(id)) tx.words.insert({ id, ...word })
        else if (word.text === '') tx.words.delete(id)
        else tx.words.update(id, word)
      },
    },
  },
})

const types = world.schemas.map((schema) => schema.columns.map(wireTypeOf))
const keys = world.schemas.map((schema) => schema.keyColumn)

interface Watcher {
  readonly replica: ReplicaModel
  full: boolean
  problem: string | undefined
}

const step = fc.oneof(
  {
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      id: fc.nat(5),
      room: fc.constantFrom(...ROOMS),
      text: fc.string({ maxLength: 3 }),
    }),
    weight: 8,
  },
  { arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 120 }) }), weight: 8 },
  {
    arbitrary: fc.record({ do: fc.constant('focus' as const), who: fc.nat(3), rooms: fc.subarray(ROOMS) }),
    weight: 3,
  },
  {
    arbitrary: fc.record({ do: fc.constant('fill' as const), who: fc.nat(3), full: fc.boolean() }),
    weight: 3,
  },
  { arbitrary: fc.record({ do: fc.constant('resync' as const), who: fc.nat(3) }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constant('reconnect' as const), who: fc.nat(3) }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('miss' as const), lanes: fc.subarray([0, 1, 2, 3]) }), weight: 3 },
)

it('shows those who are served together what each would see alone', async () => {
  let together = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const t = await openTestZone(world, { limits: { historyMax: 3 } })
      const watchers: Watcher[] = [0, 1, 2, 3].map(() => ({
        replica: new ReplicaModel(types),
        full: false,
        problem: undefined,
      }))
      const take = (lane: number, frame: StateFrame) => {
        const watcher = watchers[lane] as Watcher
        watcher.problem ??= watcher.full ? 'got a frame that it has no room for' : undefined
        watcher.problem ??= watcher.replica.apply(frame.bytes.slice(STATE_HEADROOM))
      }
      let missing: readonly number[] = []
      const cast: StateCast = {
        cast(frame, lanes) {
          const missed: number[] = []
          lanes.forEach((lane, place) => {
            if (missing.includes(lane) || watchers[lane]?.full) missed.push(place)
            else {
              together++
              take(lane, frame)
            }
          })
          return missed
        },
      }
      const focused = watchers.map((_, who) => [ROOMS[who % 2] as string])
      const open = (who: number) => {
        const { replica } = watchers[who] as Watcher
        const fresh = replica.versions.size === 0
        replica.epoch = t.zone.epoch
        return t.zone.subscribe(
          {
            ready: () => !watchers[who]?.full,
            deliver: (frame) => take(who, frame),
            lane: { cast, number: who },
          },
          `p${who}`,
          { mode: 'rooms', rooms: focused[who] as string[] },
          fresh ? undefined : { epoch: replica.epoch, cells: [...replica.versions].flat() },
        )
      }
      const subscriptions = watchers.map((_, who) => open(who))
      for (const each of steps) {
        if (each.do === 'say') t.attempt('game', 'say', { id: each.id, room: each.room, text: each.text })
        else if (each.do === 'wait') await t.time.advance(each.ms)
        else if (each.do === 'miss') missing = each.lanes
        else if (each.do === 'fill') (watchers[each.who] as Watcher).full = each.full
        else if (each.do === 'focus') {
          focused[each.who] = each.rooms
          subscriptions[each.who]?.focus({ mode: 'rooms', rooms: each.rooms })
        } else if (each.do === 'resync') {
          subscriptions[each.who]?.resync([...(watchers[each.who] as Watcher).replica.versions.keys()])
        } else {
          subscriptions[each.who]?.close()
          subscriptions[each.who] = open(each.who)
        }
      }
      for (const watcher of watchers) watcher.full = false
      await t.time.advance(300)
      const words = [...(t.zone.tables.words?.all() ?? [])] as { room: string }[]
      watchers.forEach(({ replica, problem }, who) => {
        expect(problem).toBeUndefined()
        const expected = words.filter(({ room }) => focused[who]?.includes(room))
        const seen = [...replica.rows(keys).values()]
        expect(seen.sort()).toEqual(expected.map((word) => JSON.stringify(Object.values(word))).sort())
      })
      await t.close()
    }),
    { numRuns: 200 },
  )
  expect(together).toBeGreaterThan(0)
})
