import { sleep } from '@terrane/core'
import { MemoryDisk, MemoryStore } from '@terrane/store-memory'
import { openTestZone, SimulatedTime } from '@terrane/testing'
import { integer, pgTable, real, text } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Engine } from '../engine.js'
import type { EngineLimits } from '../limits.js'
import { LocalExchange } from '../ops/local-exchange.js'
import type { OpExchange } from '../ports/op-exchange.js'
import { boxes } from '../world/borders.js'
import { defineWorld, kind } from '../world/define-world.js'
import type { EngineEvent } from '../zone/events.js'
import type { Zone } from '../zone/zone.js'
import { place } from '../zones/zone-address.js'

const ships = pgTable('handover_ships', { id: text().primaryKey(), x: real().notNull(), moves: integer().notNull() })
const cargo = pgTable('handover_cargo', { id: text().primaryKey(), ship: text().notNull(), tons: integer().notNull() })
const notes = pgTable('handover_notes', { id: text().primaryKey(), what: text().notNull() })

const everywhere = Number.POSITIVE_INFINITY
const box = (from: number, to: number) => ({
  min: { x: from, y: -everywhere, z: -everywhere },
  max: { x: to, y: everywhere, z: everywhere },
})

const world = defineWorld({
  name: 'handover',
  kinds: {
    ships: kind(ships),
    cargo: kind(cargo, { indexes: { ship: { on: ['ship'] } } }),
    notes: kind(notes, { visible: { to: 'nobody' } }),
  },
  zones: ['west', 'east'],
  borders: boxes({ west: box(-everywhere, 0), east: box(0, 100) }),
  handovers: {
    ships: {
      position: ({ x }) => ({ x, y: 0, z: 0 }),
      related: (tables, { id }) => ({ cargo: tables.cargo.by.ship.list(id).map((row) => row.id) }),
      left(tx, { id }, to) {
        if (id === 'anchored') tx.reject('anchored', 'it does not move')
        if (id === 'faulty') throw new Error('a bug in the world')
        tx.notes.insert({ id: tx.newId(), what: `${id} left for ${to}` })
      },
      arrived(tx, { id, moves }, from) {
        if (id === 'unwelcome') tx.reject('unwelcome', 'go away')
        if (id === 'cursed') throw new Error('a bug in the world')
        tx.ships.update(id, { moves: moves + 1 })
        tx.notes.insert({ id: tx.newId(), what: `${id} came from ${from}` })
      },
    },
  },
  interest: { hz: 20 },
  inputs: {
    put: {
      args: z.object({ id: z.string(), x: z.number() }),
      apply(tx, { id, x }) {
        if (tx.ships.has(id)) tx.ships.update(id, { x })
        else {
          tx.ships.insert({ id, x, moves: 0 })
          for (const n of [1, 2]) tx.cargo.insert({ id: `${id}-${n}`, ship: id, tons: n })
        }
      },
    },
    send: {
      args: z.object({ id: z.string(), zone: z.string(), kind: z.enum(['ships', 'cargo']).default('ships') }),
      apply: (tx, { id, zone, kind: name }) => tx.handOver(name, id, zone),
    },
  },
})

interface Setup {
  readonly limits?: Partial<EngineLimits>
  readonly exchange?: (exchange: OpExchange) => OpExchange
}

async function open({ limits, exchange }: Setup = {}) {
  const time = new SimulatedTime()
  const disk = new MemoryDisk()
  const events: EngineEvent[] = []
  let streams = 0
  const start = async (owner: string) => {
    const engine = new Engine({
      world,
      store: new MemoryStore(disk, { clock: time, faults: { before: () => sleep(time, 3) } }),
      clock: time,
      timers: time,
      seed: owner,
      owner,
      limits: { leaseMs: 1_000_000, handoverTicks: 10, ...limits },
      isOwnerDead: () => true,
      report: (event) => events.push(event),
      exchange: (endpoint) => {
        const local = new LocalExchange(endpoint, time)
        return exchange?.(local) ?? local
      },
    })
    void engine.start()
    await time.until(() => engine.zones().length === 2)
    return engine
  }
  let engine = await start('first')
  const attempt = (id: string, input: string, args: object) => {
    const zone = engine.opened(id) as Zone
    const stream = zone.open('ann', `client ${streams++}`, { onDurable: () => {}, onClosed: () => {} })
    const outcome = zone.submit(stream, stream.applied + 1, world.inputNames.indexOf(input), args)
    zone.close(stream)
    return typeof outcome === 'object' && 'rejected' in outcome ? outcome.rejected.code : undefined
  }
  const ids = (id: string, table: string) =>
    [...((engine.opened(id) as Zone).tables[table]?.all() ?? [])].map((row) => (row as { id: string }).id).sort()
  return {
    time,
    events,
    attempt,
    put(id: string, ship: string, x: number) {
      const code = attempt(id, 'put', { id: ship, x })
      if (code !== undefined) throw new Error(code)
    },
    ids,
    ships: () => ({ west: ids('west', 'ships'), east: ids('east', 'ships') }),
    notes: (id: string) =>
      [...((engine.opened(id) as Zone).tables.notes?.all() ?? [])].map((row) => (row as { what: string }).what),
    moves: (id: string, ship: string) =>
      ((engine.opened(id) as Zone).tables.ships?.get(ship) as { moves: number } | undefined)?.moves,
    stats: () => engine.stats(),
    async restart() {
      engine.stop()
      engine = await start('second')
    },
  }
}

describe('a row that stands in another zone', () => {
  it('moves there after a while, with what belongs to it, and both ends hear of it', async () => {
    const t = await open()
    t.put('west', 'a', 5)
    t.put('west', 'home', -5)
    await t.time.advance(450)
    expect(t.ships()).toEqual({ west: ['a', 'home'], east: [] })
    await t.time.advance(200)
    expect(t.ships()).toEqual({ west: ['home'], east: ['a'] })
    expect([t.ids('west', 'cargo'), t.ids('east', 'cargo')]).toEqual([
      ['home-1', 'home-2'],
      ['a-1', 'a-2'],
    ])
    expect([t.notes('west'), t.notes('east')]).toEqual([['a left for east'], ['a came from west']])
    t.put('east', 'a', -1)
    await t.time.advance(700)
    expect(t.ships()).toEqual({ west: ['a', 'home'], east: [] })
    expect(t.moves('west', 'a')).toBe(2)
    expect(t.stats()).toMatchObject({ handoversGiven: 2, handoversTaken: 2, handoversAsked: 2, handoversDenied: 0 })
  })

  it('stays when it comes back in time, and where nobody owns the place', async () => {
    const t = await open()
    t.put('west', 'a', 5)
    await t.time.advance(400)
    t.put('west', 'a', -1)
    await t.time.advance(400)
    t.put('west', 'a', 5)
    await t.time.advance(400)
    t.put('west', 'a', 500)
    await t.time.advance(5_000)
    expect(t.ships()).toEqual({ west: ['a'], east: [] })
    expect(t.stats()).toMatchObject({ handoversAsked: 0 })
  })

  it('stays while the other zone is full, asks less often, and moves when there is room', async () => {
    const t = await open({ limits: { authorityMax: 5, authorityHeadroom: 3 } })
    t.put('east', 'first', 1)
    t.put('east', 'second', 1)
    t.put('west', 'a', 5)
    await t.time.advance(20_000)
    expect(t.ships()).toEqual({ west: ['a'], east: ['first', 'second'] })
    const { handoversAsked, handoversDenied } = t.stats()
    expect(handoversDenied).toBe(handoversAsked)
    // Every 0.5 s without backing off.
    expect(handoversAsked).toBeGreaterThan(3)
    expect(handoversAsked).toBeLessThan(10)
    t.put('east', 'first', -1)
    await t.time.advance(20_000)
    expect(t.ships()).toEqual({ west: ['first'], east: ['a', 'second'] })
  })

  it('stays when the world does not let it go, or fails, and says so', async () => {
    const t = await open()
    t.put('west', 'anchored', 5)
    t.put('west', 'faulty', 5)
    await t.time.advance(3_000)
    expect(t.ships().west).toEqual(['anchored', 'faulty'])
    expect(t.events.filter(({ type }) => type === 'handover_failed')).toContainEqual(
      expect.objectContaining({ key: 'faulty', to: 'east' }),
    )
    expect(t.notes('west')).toEqual([])
  })

  it('is back with all that belongs to it when the other zone rejects it, or fails', async () => {
    const t = await open()
    t.put('west', 'unwelcome', 5)
    t.put('west', 'cursed', 5)
    await t.time.advance(1_000)
    expect(t.ships()).toEqual({ west: ['cursed', 'unwelcome'], east: [] })
    expect(t.ids('west', 'cargo')).toHaveLength(4)
    expect(t.stats()).toMatchObject({ handoversGiven: 2, handoversReturned: 2, opsDead: 0 })
  })

  it('moves though every question is lost but the last', async () => {
    let asked = 0
    const t = await open({
      exchange: (exchange) => ({
        send: (parcel) => exchange.send(parcel),
        acknowledge: (receipt) => exchange.acknowledge(receipt),
        tell(note) {
          if (note.from === 'east' || ++asked >= 4) exchange.tell(note)
        },
        stop: () => exchange.stop(),
      }),
    })
    t.put('west', 'a', 5)
    await t.time.advance(7_000)
    expect(t.ships().west).toEqual(['a'])
    await t.time.advance(1_000)
    expect(t.ships()).toEqual({ west: [], east: ['a'] })
    expect(asked).toBe(4)
  })
})

describe('a hand-over', () => {
  it('by the world itself asks nobody, and is taken back with its transaction', async () => {
    const t = await open({ limits: { authorityMax: 3, authorityHeadroom: 3 } })
    t.put('west', 'a', -5)
    expect(t.attempt('west', 'send', { id: 'a', zone: 'nowhere' })).toBe('unknown_zone')
    expect(t.attempt('west', 'send', { id: 'a', zone: 'west' })).toBe('own_zone')
    expect(t.attempt('west', 'send', { id: 'b', zone: 'east' })).toBe('not_found')
    expect(t.attempt('west', 'send', { id: 'a-1', zone: 'east', kind: 'cargo' })).toBe('not_handed_over')
    expect(t.ids('west', 'ships')).toEqual(['a'])
    expect(t.attempt('west', 'send', { id: 'a', zone: 'east' })).toBeUndefined()
    await t.time.advance(100)
    expect(t.ships()).toEqual({ west: [], east: ['a'] })
  })

  it('leaves one owner whenever all processes die', async () => {
    const seen = new Set<string>()
    for (let waitMs = 440; waitMs < 540; waitMs += 3) {
      const t = await open()
      t.put('west', 'a', 5)
      await t.time.advance(waitMs)
      const { west, east } = t.ships()
      seen.add(`${west.length} ${east.length}`)
      await t.restart()
      await t.time.advance(3_000)
      expect(t.ships(), `crash after ${waitMs} ms`).toEqual({ west: [], east: ['a'] })
      expect(t.ids('east', 'cargo')).toEqual(['a-1', 'a-2'])
      expect(t.moves('east', 'a')).toBe(1)
    }
    expect([...seen].sort()).toEqual(['0 0', '0 1', '1 0'])
  })
})

describe('a world is refused', () => {
  it.each([
    ['nobody owns a place', { borders: undefined }],
    ['nobody knows the kind', { handovers: { boats: {} } }],
    ['nobody knows where rows are', { handovers: { ships: {} } }],
  ])('when %s', (_, change) => {
    expect(() => defineWorld({ ...world, ...change } as typeof world)).toThrow(
      expect.objectContaining({ code: 'invalid_world' }),
    )
  })
})

describe('zones of a map', () => {
  const bounds = { min: { x: 0, y: 0, z: 0 }, max: { x: 100, y: 100, z: 100 } }
  const rocks = pgTable('handover_rocks', {
    id: text().primaryKey(),
    x: real().notNull(),
    y: real().notNull(),
    z: real().notNull(),
  })
  const placed = { by: 'position', x: 'x', y: 'y', z: 'z' } as const
  const space = defineWorld({
    name: 'handover-space',
    zones: { spatial: { count: 2, bounds } },
    kinds: { rocks: kind(rocks, { placed, replicate: { position: (row) => row, reach: 5 } }) },
    handovers: { rocks: {} },
    inputs: {
      put: {
        args: z.object({ x: z.number() }),
        apply: (tx, { x }) =>
          void (tx.rocks.has('r') ? tx.rocks.update('r', { x }) : tx.rocks.insert({ id: 'r', x, y: 1, z: 1 })),
      },
      where: { args: z.object({ x: z.number() }), apply: (tx, { x }) => tx.zoneOf(place(x, 1, 1)) },
    },
  })

  it('have copies of what is near, and take over what comes', async () => {
    const t = await openTestZone(space, { zone: 'space-1', limits: { handoverTicks: 10 } })
    const at = Array.from({ length: 100 }, (_, x) => t.send('ann', 'where', { x }))
    const border = at.findIndex((zone) => zone !== at[0])
    const [here, there] = [at[0], at[border]] as [string, string]
    const from = await openTestZone(space, { zone: here, limits: { handoverTicks: 10 } })
    const rowsIn = (id: string) => [...(from.engine.opened(id)?.tables.rocks?.all() ?? [])].length
    from.send('ann', 'put', { x: border - 2 })
    await from.time.advance(200)
    expect(from.engine.opened(there)?.replicas.rocks?.get('r')).toMatchObject({ zone: here })
    // Beyond the border, and still written where it is.
    from.send('ann', 'put', { x: border + 1 })
    from.send('ann', 'put', { x: border + 2 })
    expect([rowsIn(here), rowsIn(there)]).toEqual([1, 0])
    await from.time.advance(1_000)
    expect([rowsIn(here), rowsIn(there)]).toEqual([0, 1])
    expect(from.engine.opened(here)?.replicas.rocks?.get('r')).toMatchObject({ zone: there })
  })
})
