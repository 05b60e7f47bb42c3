import { MemoryDisk, MemoryStore } from '@terrane/store-memory'
import { ReplicaModel, SimulatedTime } from '@terrane/testing'
import { integer, pgTable, real, text } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Engine } from '../engine.js'
import type { EngineLimits } from '../limits.js'
import { LocalExchange } from '../ops/local-exchange.js'
import type { OpExchange, ZoneNote } from '../ports/op-exchange.js'
import { TransientStoreError } from '../ports/store.js'
import { boxes } from '../world/borders.js'
import { defineWorld, kind } from '../world/define-world.js'
import { schemasForClients, wireTypeOf } from '../world/kind-schema.js'
import type { Replica } from '../world/replication.js'
import type { Zone } from '../zone/zone.js'
import { STATE_HEADROOM, type StateFrame } from '../zone/zone-session.js'

const ships = pgTable('replicas_ships', {
  id: text().primaryKey(),
  x: real().notNull(),
  y: real().notNull(),
  speed: real().notNull(),
  cargo: text().notNull(),
})
const scores = pgTable('replicas_scores', { player: text().primaryKey(), points: integer().notNull() })

const everywhere = Number.POSITIVE_INFINITY
const box = (from: number, to: number) => ({
  min: { x: from, y: -everywhere, z: -everywhere },
  max: { x: to, y: everywhere, z: everywhere },
})

const world = defineWorld({
  name: 'replicas',
  kinds: {
    ships: kind(ships, {
      visible: { to: 'nearby', x: 'x', y: 'y' },
      replicate: {
        columns: ['id', 'x', 'y'],
        position: ({ x, y }) => ({ x, y, z: 0 }),
        motion: ({ speed }) => ({ velocity: { x: speed, y: 0, z: 0 }, acceleration: { x: 20, y: 0, z: 0 } }),
      },
    }),
    scores: kind(scores, { persist: 'commit', replicate: { to: () => ['west', 'middle'] } }),
  },
  zones: ['west', 'middle', 'east', 'bank'],
  borders: boxes({ west: box(-everywhere, 0), middle: box(0, 100), east: box(100, everywhere) }),
  interest: { hz: 20, radius: 10, cell: 10 },
  inputs: {
    put: {
      args: z.object({ id: z.string(), x: z.number(), speed: z.number().default(0) }),
      apply(tx, { id, x, speed }) {
        if (tx.ships.has(id)) tx.ships.update(id, { x, speed })
        else tx.ships.insert({ id, x, y: 0, speed, cargo: 'secret' })
      },
    },
    sink: { args: z.object({ id: z.string() }), apply: (tx, { id }) => void tx.ships.delete(id) },
    score: {
      args: z.object({ player: z.string(), points: z.int() }),
      apply(tx, { player, points }) {
        if (tx.scores.has(player)) tx.scores.update(player, { points })
        else tx.scores.insert({ player, points })
      },
    },
    hail: { args: z.object({ zone: z.string() }), apply: (tx, { zone }) => tx.send(zone, 'hello', {}) },
    look: {
      args: z.object({}),
      apply: (tx) => ({
        ships: Array.from(tx.replicas.ships.all(), told),
        near: tx.replicas.ships.near(0, 0, 5).map(told),
        rich: tx.replicas.scores.where(({ points }) => points > 10).map(told),
      }),
    },
    attack: {
      args: z.object({ how: z.enum(['insert', 'assign', 'replace']) }),
      apply(tx, { how }) {
        const replicas = tx.replicas as unknown as Record<string, Record<string, unknown>>
        const table = replicas.ships as Record<string, unknown>
        if (how === 'insert') (table.insert as (row: object) => void)({ id: 'x' })
        else if (how === 'assign') table.get = () => undefined
        else replicas.ships = {}
      },
    },
    // Types are part of what is promised.
    typed: {
      args: z.object({}),
      apply(tx) {
        // @ts-expect-error cargo is not copied
        void tx.replicas.ships.get('a')?.row.cargo
        // @ts-expect-error copies are read-only
        tx.replicas.ships.update('a', { x: 1 })
      },
    },
  },
  ops: { hello: { args: z.object({}), apply: () => {} } },
})

const told = ({ row, zone, stale }: Replica<object>) => ({ ...row, zone, stale })

interface Setup {
  readonly limits?: Partial<EngineLimits>
  /** Whether a note is lost. */
  readonly loses?: (note: ZoneNote) => boolean
  /** From when on the first process reaches no database, ms after the start. */
  readonly downFrom?: number
}

async function open({ limits, loses, downFrom = Number.POSITIVE_INFINITY }: Setup = {}) {
  const time = new SimulatedTime()
  const disk = new MemoryDisk()
  const downAt = time.now() + downFrom
  const start = async (owner: string) => {
    const engine = new Engine({
      world,
      store: new MemoryStore(disk, {
        clock: time,
        faults: {
          before() {
            if (owner === 'first' && time.now() >= downAt) throw new TransientStoreError('the database is down')
          },
        },
      }),
      clock: time,
      timers: time,
      seed: owner,
      owner,
      limits: { leaseMs: 1_000_000, ...limits },
      isOwnerDead: () => true,
      exchange: (endpoint) => losing(new LocalExchange(endpoint, time), loses ?? (() => false)),
    })
    void engine.start()
    await time.until(() => engine.zones().length === 4)
    return engine
  }
  let engine = await start('first')
  let streams = 0
  const send = (id: string, input: string, args: object = {}) => {
    const zone = engine.opened(id) as Zone
    const stream = zone.open('ann', `client ${streams++}`, { onDurable: () => {}, onClosed: () => {} })
    const outcome = zone.submit(stream, stream.applied + 1, world.inputNames.indexOf(input), args)
    zone.close(stream)
    if (typeof outcome === 'object' && 'rejected' in outcome) throw new Error(outcome.rejected.code)
    return (outcome as { result: unknown } | undefined)?.result
  }
  return {
    time,
    send,
    engine: () => engine,
    look: (id: string) => send(id, 'look') as { ships: object[]; near: object[]; rich: object[] },
    status: (id: string) => (engine.opened(id) as Zone).status().replicas,
    restart: async () => {
      engine.stop()
      engine = await start('second')
    },
  }
}

function losing(exchange: OpExchange, loses: (note: ZoneNote) => boolean): OpExchange {
  return {
    send: (parcel) => exchange.send(parcel),
    acknowledge: (receipt) => exchange.acknowledge(receipt),
    tell: (note) => {
      if (!loses(note)) exchange.tell(note)
    },
    stop: () => exchange.stop(),
  }
}

describe('replicas by place', () => {
  it('are with the zones near the border, once durable, and follow their rows', async () => {
    const t = await open()
    t.send('west', 'put', { id: 'a', x: -5 })
    t.send('west', 'put', { id: 'far', x: -50 })
    expect(t.look('middle').ships).toEqual([])
    await t.time.advance(200)
    expect(t.look('middle').ships).toEqual([
      { id: 'a', x: -5, y: 0, $zone: 'west', $stale: false, zone: 'west', stale: false },
    ])
    expect(t.look('east').ships).toEqual([])
    t.send('west', 'put', { id: 'a', x: -2 })
    t.send('west', 'put', { id: 'far', x: -8 })
    await t.time.advance(200)
    expect(t.look('middle').ships).toMatchObject([
      { id: 'a', x: -2 },
      { id: 'far', x: -8 },
    ])
    expect(t.look('middle').near).toMatchObject([{ id: 'a' }])
    t.send('west', 'put', { id: 'a', x: -30 })
    t.send('west', 'sink', { id: 'far' })
    await t.time.advance(200)
    expect(t.look('middle').ships).toEqual([])
    expect(t.engine().stats()).toMatchObject({ replicasEvicted: 2 })
  })

  it('reach as far as a row may get within the lookahead, by speed and acceleration', async () => {
    const t = await open()
    // 10 to be seen, 0.9 = 20 / 2 · 0.3² by acceleration, and 0.3 s of speed.
    t.send('west', 'put', { id: 'slow', x: -15, speed: 13 })
    t.send('west', 'put', { id: 'fast', x: -15, speed: 14 })
    t.send('west', 'put', { id: 'leaving', x: -15, speed: -14 })
    await t.time.advance(200)
    expect(t.look('middle').ships).toMatchObject([{ id: 'fast' }, { id: 'leaving' }])
  })

  it('show nothing that is not durable, and the newer owner after a crash', async () => {
    const t = await open({ downFrom: 1_000 })
    t.send('west', 'put', { id: 'a', x: -5 })
    await t.time.advance(1_000)
    t.send('west', 'put', { id: 'a', x: -1 })
    t.send('west', 'put', { id: 'b', x: -1 })
    await t.time.advance(500)
    expect(t.look('middle').ships).toMatchObject([{ id: 'a', x: -5 }])
    await t.restart()
    // The first round came before the other zone was open.
    await t.time.advance(1_200)
    expect(t.look('middle').ships).toMatchObject([{ id: 'a', x: -5, stale: false }])
    t.send('west', 'put', { id: 'a', x: -2 })
    await t.time.advance(200)
    expect(t.look('middle').ships).toMatchObject([{ id: 'a', x: -2 }])
  })

  it('are sent again until they have come, and are let go when they cannot come and are stale', async () => {
    let isLosing = true
    const t = await open({ loses: () => isLosing })
    t.send('west', 'put', { id: 'a', x: -5 })
    await t.time.advance(5_000)
    expect(t.look('middle').ships).toEqual([])
    isLosing = false
    await t.time.advance(1_100)
    expect(t.look('middle').ships).toMatchObject([{ id: 'a' }])
    isLosing = true
    await t.time.advance(60_000)
    // Nothing newer is known, so nothing is stale, however long it takes.
    expect(t.look('middle').ships).toMatchObject([{ id: 'a', stale: false }])
    t.send('west', 'hail', { zone: 'middle' })
    await t.time.advance(1_000)
    expect(t.look('middle').ships).toMatchObject([{ id: 'a', stale: true }])
    expect(t.status('middle')).toEqual({ held: 1, stale: 1 })
    await t.time.advance(1_000)
    expect(t.look('middle').ships).toEqual([])
  })

  it('become stale by news through a third zone, and fresh by the next copy', async () => {
    let isLosing = false
    const t = await open({ loses: ({ to }) => isLosing && to === 'middle' })
    t.send('west', 'put', { id: 'a', x: -5 })
    await t.time.advance(200)
    isLosing = true
    t.send('west', 'put', { id: 'a', x: -6 })
    t.send('west', 'hail', { zone: 'east' })
    await t.time.advance(300)
    expect(t.look('middle').ships).toMatchObject([{ x: -5, stale: false }])
    t.send('east', 'hail', { zone: 'middle' })
    await t.time.advance(300)
    expect(t.look('middle').ships).toMatchObject([{ x: -5, stale: true }])
    isLosing = false
    await t.time.advance(1_000)
    expect(t.look('middle').ships).toMatchObject([{ x: -6, stale: false }])
  })

  it('take no room from what a zone owns, and no more than their own', async () => {
    const t = await open({ limits: { replicasMax: 3 } })
    for (let i = 0; i < 5; i++) t.send('west', 'put', { id: `w${i}`, x: -5 })
    for (let i = 0; i < 5; i++) t.send('east', 'put', { id: `e${i}`, x: 105 })
    for (let i = 0; i < 5; i++) t.send('middle', 'put', { id: `m${i}`, x: 50 })
    await t.time.advance(300)
    expect(t.status('middle').held).toBe(3)
    const { replicasDropped, replicasWithheld } = t.engine().stats()
    expect(replicasDropped).toBeGreaterThanOrEqual(3)
    expect(replicasWithheld).toBeGreaterThanOrEqual(4)
  })

  it('cannot be written', async () => {
    const t = await open()
    t.send('west', 'put', { id: 'a', x: -5 })
    await t.time.advance(200)
    for (const how of ['insert', 'assign', 'replace']) {
      expect(() => t.send('middle', 'attack', { how })).toThrow('world_error')
    }
    expect(t.look('middle').ships).toMatchObject([{ id: 'a', x: -5 }])
    expect(t.engine().opened('middle')?.entities).toBe(0)
  })

  it('are shown to clients with their owner and whether they are stale', async () => {
    let isLosing = false
    const t = await open({ loses: () => isLosing })
    const schemas = schemasForClients(world)
    const model = new ReplicaModel(schemas.map((schema) => schema.columns.map(wireTypeOf)))
    const problems: (string | undefined)[] = []
    const deliver = (frame: StateFrame) => void problems.push(model.apply(frame.bytes.slice(STATE_HEADROOM)))
    const seen = () => [...model.rows(schemas.map(({ keyColumn }) => keyColumn))]
    t.engine()
      .opened('middle')
      ?.subscribe({ ready: () => true, deliver }, 'ann', { mode: 'area', x: 0, y: 0, radius: 10 })
    const number = schemas.findIndex(({ name }) => name === 'replicas.ships')
    t.send('west', 'put', { id: 'a', x: -5 })
    await t.time.advance(300)
    expect(seen()).toEqual([[`${number} a`, '["a",-5,0,"west",false]']])
    isLosing = true
    t.send('west', 'hail', { zone: 'middle' })
    await t.time.advance(300)
    expect(seen()).toEqual([[`${number} a`, '["a",-5,0,"west",true]']])
    await t.time.advance(2_000)
    expect(seen()).toEqual([])
    expect(problems.filter((problem) => problem !== undefined)).toEqual([])
  })
})

describe('replicas by name', () => {
  it('are with the zones that are named, once their rows are committed', async () => {
    const t = await open()
    t.send('bank', 'score', { player: 'ann', points: 20 })
    t.send('bank', 'score', { player: 'ben', points: 5 })
    await t.time.advance(200)
    for (const zone of ['west', 'middle']) {
      expect(t.look(zone).rich).toMatchObject([{ player: 'ann', points: 20, zone: 'bank', stale: false }])
    }
    expect(t.look('east').rich).toEqual([])
    t.send('bank', 'score', { player: 'ben', points: 50 })
    await t.time.advance(200)
    expect(t.look('west').rich).toMatchObject([{ points: 20 }, { points: 50 }])
  })
})

describe('a world is refused', () => {
  const ok = { to: () => ['west'] }
  it.each([
    ['says of no zone that it has copies', {}],
    ['the unknown column "speeed"', { ...ok, columns: ['speeed'] }],
    ['leaves out "y"', { ...ok, columns: ['x'] }],
    ['everyTicks is 0', { ...ok, everyTicks: 0 }],
    ['reach is -1', { ...ok, reach: -1 }],
  ])('when replicate %s', (problem, replicate) => {
    const kinds = { ships: { ...world.kinds.ships, replicate: replicate as never } }
    expect(() => defineWorld({ name: 'wrong', kinds })).toThrow(problem)
  })

  it('when two zones own one place, or one owns none', () => {
    expect(() => boxes({ a: box(0, 10), b: box(9, 20) })).toThrow('overlap')
    expect(() => boxes({ a: box(10, 10) })).toThrow('is empty')
    const { ownerOf, within } = boxes({ a: box(0, 10), b: box(10, 20) })
    expect([9, 10, 20].map((x) => ownerOf({ x, y: 0, z: 0 }))).toEqual(['a', 'b', undefined])
    expect(within({ x: 4, y: 0, z: 0 }, { x: 5, y: 5, z: 5 })).toEqual(['a'])
    expect(within({ x: 4, y: 0, z: 0 }, { x: 6, y: 0, z: 0 })).toEqual(['a', 'b'])
  })
})
