import { openTestZone } from '@terrane/testing'
import {
  bigint,
  boolean,
  integer,
  jsonb,
  pgTable,
  real,
  smallint,
  text,
  timestamp,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineWorld, kind } from '../world/define-world.js'

const things = pgTable('things', {
  id: text().primaryKey(),
  group: text().notNull(),
  rank: integer().notNull(),
  slot: integer(),
})

interface Thing {
  id: string
  group: string
  rank: number
  slot: number | null
}

const deed = fc.record({
  do: fc.constantFrom('insert' as const, 'update' as const, 'delete' as const),
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  group: fc.constantFrom('g', 'h'),
  rank: fc.integer({ min: -3, max: 3 }),
  slot: fc.option(fc.integer({ min: 0, max: 4 }), { nil: null }),
})
type Deed = typeof deed extends fc.Arbitrary<infer D> ? D : never

const world = defineWorld({
  name: 'things',
  kinds: {
    things: kind(things, {
      indexes: {
        group: { on: ['group'] },
        slot: { on: ['slot'], unique: true },
        ranked: { on: ['group', 'rank'], ordered: true },
      },
    }),
  },
  inputs: {
    act: {
      args: z.object({ deeds: z.array(z.any()), fail: z.boolean() }),
      apply(tx, { deeds, fail }) {
        for (const { do: verb, id, ...rest } of deeds as Deed[]) {
          if (verb === 'insert') tx.things.insert({ id, ...rest })
          else if (verb === 'update') tx.things.update(id, rest)
          else tx.things.delete(id)
        }
        if (fail) tx.reject('failed', 'on purpose')
      },
    },
  },
})

/** What a database would do: all or nothing, with one unique column (null is a value here). */
function applyToModel(model: Map<string, Thing>, deeds: readonly Deed[]): Map<string, Thing> | undefined {
  const next = new Map(Array.from(model, ([id, thing]) => [id, { ...thing }]))
  for (const { do: verb, id, ...rest } of deeds) {
    const taken = [...next.values()].some((other) => other.slot === rest.slot && other.id !== id)
    if (verb === 'delete') next.delete(id)
    else if (taken || next.has(id) !== (verb === 'update')) return undefined
    else next.set(id, { id, ...rest })
  }
  return next
}

describe('a kind', () => {
  it('agrees with a model in rows, indexes and order, whatever is rolled back, and after recovery', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ deeds: fc.array(deed, { maxLength: 5 }), fail: fc.boolean() }), { maxLength: 25 }),
        async (transactions) => {
          let t = await openTestZone(world)
          let model = new Map<string, Thing>()
          for (const { deeds, fail } of transactions) {
            const next = applyToModel(model, deeds)
            const rejected = t.attempt('p', 'act', { deeds, fail })
            expect(rejected === undefined).toBe(next !== undefined && !fail)
            if (next !== undefined && !fail) model = next
            expectSame(t, model)
          }
          await t.durable()
          t = await t.crash()
          expectSame(t, model)
        },
      ),
      { numRuns: 200 },
    )
  })
})

function expectSame(t: Awaited<ReturnType<typeof openTestZone>>, model: Map<string, Thing>): void {
  const table = t.zone.tables.things
  if (table === undefined) throw new Error('no table')
  const byId = (a: Thing, b: Thing) => (a.id < b.id ? -1 : 1)
  const all = [...model.values()].sort(byId)
  expect(([...table.all()] as Thing[]).map((row) => ({ ...row })).sort(byId)).toEqual(all)
  const by = table.by as unknown as Record<
    'group' | 'slot' | 'ranked',
    { get: Find; list: List; count: Find; range: List }
  >
  for (const group of ['g', 'h']) {
    const members = all.filter((thing) => thing.group === group)
    expect((by.group.list(group) as Thing[]).map((row) => row.id).sort()).toEqual(members.map((thing) => thing.id))
    expect(by.group.count(group)).toBe(members.length)
    const ranked = [...members].sort((a, b) => a.rank - b.rank || byId(a, b)).map((thing) => thing.id)
    const range = (options: object) => (by.ranked.range(options) as Thing[]).map((row) => row.id)
    expect(range({ from: [group], to: [group] })).toEqual(ranked)
    expect(range({ from: [group], to: [group], reverse: true })).toEqual([...ranked].reverse())
    expect(range({ from: [group, 0], to: [group], limit: 2 })).toEqual(
      ranked.filter((id) => (model.get(id)?.rank ?? 0) >= 0).slice(0, 2),
    )
  }
  for (const slot of [0, 1, 2, 3, 4]) {
    expect((by.slot.get(slot) as Thing | undefined)?.id).toBe(all.find((thing) => thing.slot === slot)?.id)
  }
}
type Find = (...values: unknown[]) => unknown
type List = (...values: unknown[]) => unknown[]

describe('a column', () => {
  const table = pgTable('typed', {
    id: integer().primaryKey(),
    small: smallint(),
    big: bigint({ mode: 'number' }),
    single: real(),
    short: varchar({ length: 3 }),
    unique: uuid(),
    flag: boolean(),
    when: timestamp(),
    data: jsonb(),
    label: text().notNull().default('none'),
  })
  const typed = defineWorld({
    name: 'typed',
    kinds: { rows: kind(table) },
    inputs: {
      put: {
        args: z.object({ row: z.any() }),
        apply: (tx, { row }) => ({ ...tx.rows.insert({ id: 1, ...row }) }),
      },
      touch: {
        args: z.object({}),
        apply(tx) {
          ;(tx.rows.must(1).data as { a: number }).a = 2
        },
      },
      later: { args: z.object({}), apply: (tx) => Promise.resolve(tx.now) as never },
    },
  })
  const put = async (row: object) => (await openTestZone(typed)).attempt('p', 'put', { row })

  it.each([
    [{ small: 40_000 }, 'small'],
    [{ big: 2 ** 53 }, 'big'],
    [{ single: 1e39 }, 'single'],
    [{ single: Number.NaN }, 'single'],
    [{ short: 'four' }, 'short'],
    [{ unique: 'nonsense' }, 'unique'],
    [{ flag: 1 }, 'flag'],
    [{ when: new Date(Number.NaN) }, 'when'],
    [{ data: { deep: ['\0'] } }, 'data'],
    [{ label: 'a\0b' }, 'label'],
    [{ label: '\ud800' }, 'label'],
    [{ label: null }, 'label'],
    [{ colour: 'red' }, 'colour'],
  ])('refuses %j, which SQL could not hold', async (row, column) => {
    const rejected = await put(row)
    expect(rejected?.code).toBe('invalid_args')
    expect(rejected?.message).toContain(column)
  })

  it('takes its default, and keeps of a real what SQL keeps', async () => {
    const t = await openTestZone(typed)
    expect(t.send('p', 'put', { row: { single: 0.1 } })).toMatchObject({
      label: 'none',
      single: Math.fround(0.1),
      data: null,
    })
  })

  it('holds JSON that nobody can change behind the log', async () => {
    const t = await openTestZone(typed)
    t.send('p', 'put', { row: { data: { a: 1 } } })
    expect(t.attempt('p', 'touch')?.code).toBe('world_error')
    expect(t.zone.tables.rows?.get(1)).toMatchObject({ data: { a: 1 } })
  })

  it('is not written by a handler that returns a promise', async () => {
    const t = await openTestZone(typed)
    expect(t.attempt('p', 'later')?.code).toBe('world_error')
    expect(t.events.some((event) => event.type === 'input_failed')).toBe(true)
  })
})
