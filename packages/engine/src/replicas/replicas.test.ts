import { MemoryDisk, MemoryStore } from '@terrane/store-memory'
import { SimulatedTime } from '@terrane/testing'
import { integer, pgTable, real, text } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Engine } from '../engine.js'
import type { EngineLimits } from '../limits.js'
import { LocalExchange } from '../ops/local-exchange.js'
import type { OpExchange, ZoneNote } from '../ports/op-exchange.js'
import { boxes } from '../world/borders.js'
import { defineWorld, kind } from '../world/define-world.js'
import type { Replica } from '../world/replication.js'
import type { Zone } from '../zone/zone.js'

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
      args: z.object({ how: z.enum(['insert', 'assign', 'row']) }),
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
}

async function open({ limits, loses }: Setup = {}) {
  const time = new SimulatedTime()
  const disk = new MemoryDisk()
  const start = async (owner: string) => {
    const engine = new Engine({
      world,
      store: new MemoryStore(disk, { clock: time }),
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
})
