import { Prng } from '@terrane/core'
import { decodeBlocks, FORM_DELTA, FORM_SNAPSHOT } from '@terrane/protocol'
import { openTestZone, ReplicaModel } from '@terrane/testing'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineWorld, kind } from '../world/define-world.js'
import { wireTypeOf } from '../world/kind-schema.js'
import { STATE_HEADROOM, type StateFrame } from '../zone/zone-session.js'
import { Area } from './area.js'
import { CellMap } from './cells.js'

const EDGE = 20
const RADIUS = 70

const world = defineWorld({
  name: 'seen',
  kinds: {
    stones: kind(
      pgTable('stones', { id: integer().primaryKey(), x: integer().notNull(), y: integer().notNull(), note: text() }),
      { visible: { to: 'nearby', x: 'x', y: 'y' } },
    ),
    notices: kind(pgTable('notices', { id: integer().primaryKey(), text: text().notNull() })),
    bags: kind(pgTable('bags', { id: integer().primaryKey(), owner: text().notNull(), amount: integer().notNull() }), {
      visible: { to: 'owner', column: 'owner' },
    }),
    words: kind(pgTable('words', { id: integer().primaryKey(), room: text().notNull(), text: text().notNull() }), {
      visible: { to: 'room', column: 'room' },
    }),
    secrets: kind(pgTable('secrets', { id: integer().primaryKey(), text: text().notNull() }), {
      visible: { to: 'nobody' },
    }),
  },
  interest: { hz: 20, radius: RADIUS, cell: EDGE },
  inputs: {
    change: {
      args: z.object({ seed: z.int() }),
      apply(tx, { seed }) {
        const random = new Prng(seed)
        for (let i = 0; i < 6; i++) {
          const id = random.below(25)
          const place = { x: random.between(-150, 150), y: random.between(-150, 150) }
          if (tx.stones.has(id) && random.chance(0.2)) tx.stones.delete(id)
          else if (tx.stones.has(id)) tx.stones.update(id, random.chance(0.5) ? place : { note: random.id() })
          else tx.stones.insert({ id, ...place })
        }
        const n = random.below(4)
        if (tx.notices.has(n)) tx.notices.update(n, { text: random.id() })
        else tx.notices.insert({ id: n, text: 'new' })
        if (tx.bags.has(n)) tx.bags.update(n, { owner: `p${random.below(3)}`, amount: random.below(9) })
        else tx.bags.insert({ id: n, owner: 'p0', amount: 0 })
        if (tx.words.has(n)) tx.words.update(n, { room: `r${random.below(3)}`, text: random.id() })
        else tx.words.insert({ id: n, room: 'r0', text: '' })
        if (!tx.secrets.has(n)) tx.secrets.insert({ id: n, text: 'hidden' })
        if (random.chance(0.2)) tx.reject('no', 'taken back on purpose')
      },
    },
  },
})

const types = world.schemas.map((schema) => schema.columns.map(wireTypeOf))

/** A client whose socket is sometimes full and that sometimes reconnects with what it has. */
class Watcher {
  readonly replica = new ReplicaModel(types)
  full = false
  problem: string | undefined

  readonly sink = {
    ready: () => !this.full,
    deliver: (frame: StateFrame) => {
      this.problem ??= this.replica.apply(frame.bytes.slice(STATE_HEADROOM))
    },
  }

  get resume() {
    return { epoch: this.replica.epoch, cells: [...this.replica.versions].flat() }
  }
}

const area = fc.record({
  mode: fc.constant('area' as const),
  x: fc.integer({ min: -120, max: 120 }),
  y: fc.integer({ min: -120, max: 120 }),
  radius: fc.integer({ min: 10, max: 100 }),
})
const focus = fc.oneof(
  { arbitrary: area, weight: 4 },
  { arbitrary: fc.constant({ mode: 'all' as const }), weight: 1 },
  { arbitrary: fc.constant({ mode: 'none' as const }), weight: 1 },
  { arbitrary: fc.subarray(['r0', 'r1', 'r2']).map((rooms) => ({ mode: 'rooms' as const, rooms })), weight: 2 },
)
type AnyFocus = typeof focus extends fc.Arbitrary<infer F> ? F : never

const step = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 1e6 }).map((seed) => ({ do: 'change' as const, seed })), weight: 6 },
  { arbitrary: fc.integer({ min: 1, max: 120 }).map((ms) => ({ do: 'wait' as const, ms })), weight: 6 },
  { arbitrary: focus.map((next) => ({ do: 'focus' as const, focus: next })), weight: 2 },
  { arbitrary: fc.boolean().map((full) => ({ do: 'fill' as const, full })), weight: 2 },
  { arbitrary: fc.constant({ do: 'reconnect' as const }), weight: 1 },
  { arbitrary: fc.constant({ do: 'resync' as const }), weight: 1 },
  { arbitrary: fc.constant({ do: 'housekeep' as const }), weight: 1 },
)

describe('interest', () => {
  it('shows every client exactly what its focus covers, whatever happened on the way', async () => {
    await fc.assert(
      fc.asyncProperty(focus, fc.array(step, { maxLength: 60 }), async (first, steps) => {
        const t = await openTestZone(world, { limits: { historyMax: 4 } })
        t.attempt('game', 'change', { seed: 1 })
        const watcher = new Watcher()
        watcher.replica.epoch = t.zone.epoch
        let focused: AnyFocus = first
        let subscription = t.zone.subscribe(watcher.sink, 'p1', first)
        for (const each of steps) {
          if (each.do === 'change') t.attempt('game', 'change', { seed: each.seed })
          else if (each.do === 'wait') await t.time.advance(each.ms)
          else if (each.do === 'fill') watcher.full = each.full
          else if (each.do === 'housekeep') await t.zone.housekeep()
          else if (each.do === 'resync') subscription.resync([...watcher.replica.versions.keys()].slice(0, 3))
          else if (each.do === 'reconnect') {
            subscription.close()
            subscription = t.zone.subscribe(watcher.sink, 'p1', focused, watcher.resume)
          } else {
            focused = each.focus
            subscription.focus(focused)
          }
        }
        watcher.full = false
        await t.time.advance(200)
        expect(watcher.problem).toBeUndefined()
        expect([...seenBy(watcher)].sort()).toEqual([...expectedFor(t.zone.tables, focused)].sort())
        await t.close()
      }),
      { numRuns: 150 },
    )
  })
})

describe('a client that comes back', () => {
  it.each([
    { sweeps: 0, gets: 'changes', form: FORM_DELTA },
    { sweeps: 1, gets: 'changes', form: FORM_DELTA },
    { sweeps: 2, gets: 'snapshots', form: FORM_SNAPSHOT },
  ])('gets $gets when the zone was swept $sweeps times meanwhile', async ({ sweeps, form }) => {
    const t = await openTestZone(world)
    const noRooms = { mode: 'rooms' as const, rooms: [] }
    const stays = new Watcher()
    const returns = new Watcher()
    for (const watcher of [stays, returns]) watcher.replica.epoch = t.zone.epoch
    t.zone.subscribe(stays.sink, 'p1', noRooms)
    const before = t.zone.subscribe(returns.sink, 'p1', noRooms)
    t.attempt('game', 'change', { seed: 1 })
    await t.time.advance(200)
    before.close()
    expect(t.attempt('game', 'change', { seed: 3 })).toBeUndefined()
    await t.time.advance(200)
    for (let i = 0; i < sweeps; i++) await t.zone.housekeep()
    const forms: number[] = []
    const deliver = (frame: StateFrame) => {
      forms.push(...decodeBlocks(frame.bytes.slice(STATE_HEADROOM), types).map((block) => block.form))
      returns.sink.deliver(frame)
    }
    t.zone.subscribe({ ...returns.sink, deliver }, 'p1', noRooms, returns.resume)
    await t.time.advance(200)
    expect(new Set(forms)).toEqual(new Set([form]))
    expect(returns.problem).toBeUndefined()
    expect(seenBy(returns)).toEqual(seenBy(stays))
    await t.close()
  })
})

function seenBy(watcher: Watcher): string[] {
  return [...watcher.replica.rows(world.schemas.map((schema) => schema.keyColumn)).values()]
}

function expectedFor(tables: Awaited<ReturnType<typeof openTestZone>>['zone']['tables'], focused: AnyFocus): string[] {
  const rows = (name: string) => [...(tables[name]?.all() ?? [])] as Record<string, unknown>[]
  const text = (row: object) => JSON.stringify(Object.values(row))
  if (focused.mode === 'none') return []
  const seen = [...rows('notices'), ...rows('bags').filter((bag) => bag.owner === 'p1')]
  if (focused.mode === 'all') seen.push(...rows('stones'), ...rows('words'))
  if (focused.mode === 'rooms') {
    seen.push(...rows('words').filter((word) => focused.rooms.includes(word.room as string)))
  }
  if (focused.mode === 'area') {
    const cells = new CellMap(EDGE)
    const covered = Area.around(cells, focused.x, focused.y, Math.min(RADIUS, focused.radius))
    seen.push(...rows('stones').filter(({ x, y }) => covered.has(cells.lane(x as number), cells.lane(y as number))))
  }
  return seen.map(text)
}

describe('an area', () => {
  it('has exactly the cells that the circle touches', () => {
    const coordinate = fc.double({ min: -300, max: 300, noNaN: true })
    fc.assert(
      fc.property(coordinate, coordinate, fc.double({ min: 0.1, max: 150, noNaN: true }), (x, y, radius) => {
        const covered = Area.around(new CellMap(EDGE), x, y, radius)
        for (let row = -24; row <= 24; row++) {
          for (let column = -24; column <= 24; column++) {
            const nearestX = Math.max(column * EDGE, Math.min(x, (column + 1) * EDGE))
            const nearestY = Math.max(row * EDGE, Math.min(y, (row + 1) * EDGE))
            const distance = Math.hypot(nearestX - x, nearestY - y)
            // On the very edge either answer is right: rounding decides.
            if (Math.abs(distance - radius) < 1e-6 || distance === radius) continue
            expect(covered.has(column, row), `${column},${row} at distance ${distance}`).toBe(distance < radius)
          }
        }
      }),
    )
  })
})
