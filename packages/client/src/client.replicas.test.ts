import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BusExchange, InProcessHub, ZoneLocator } from '@terrane/bus'
import { systemClock, systemTimers, TerraneError } from '@terrane/core'
import { boxes, defineWorld, Engine, kind, type OpExchange } from '@terrane/engine'
import { createAuthenticator, createGateway, type RelayLink } from '@terrane/gateway'
import { MemoryDisk, MemoryStore } from '@terrane/store-memory'
import { doublePrecision, pgTable, text } from 'drizzle-orm/pg-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { connect } from './node.js'
import { gatewayWorldOf } from './test-support/gateway-world.js'

const ships = pgTable('strait_ships', {
  id: text().primaryKey(),
  x: doublePrecision().notNull(),
  y: doublePrecision().notNull(),
  cargo: text().notNull(),
})
const far = Number.POSITIVE_INFINITY
const between = (from: number, to: number) => ({ min: { x: from, y: -far, z: -far }, max: { x: to, y: far, z: far } })

const world = defineWorld({
  name: 'strait',
  zones: ['west', 'east'],
  borders: boxes({ west: between(-far, 0), east: between(0, far) }),
  interest: { hz: 20, radius: 100, cell: 20 },
  kinds: {
    ships: kind(ships, {
      visible: { to: 'nearby', x: 'x', y: 'y' },
      replicate: { columns: ['x', 'y'], position: ({ x, y }) => ({ x, y, z: 0 }) },
    }),
  },
  inputs: {
    sail: {
      args: z.object({ x: z.number() }),
      apply(tx, { x }) {
        if (tx.ships.has(tx.player)) tx.ships.update(tx.player, { x })
        else tx.ships.insert({ id: tx.player, x, y: 0, cargo: 'secret' })
      },
    },
    sink: { args: z.object({}), apply: (tx) => void tx.ships.delete(tx.player) },
    /** Lets the other zone know that something has happened here. */
    signal: { args: z.object({}), apply: (tx) => tx.send('west', 'seen', {}) },
  },
  ops: { seen: { args: z.object({}), apply: () => {} } },
})

const auth = createAuthenticator({ clock: systemClock, secret: 's'.repeat(32), guests: true })

/** Processes of one world, each with an engine and a gateway, on one disk and one bus. */
class Strait {
  readonly #disk = new MemoryDisk()
  readonly #hub = new InProcessHub()
  /** Whether copies on their way are lost. */
  isFoggy = false

  /** Starts a process; returns where its gateway is. */
  async start(owner: string, zone: string): Promise<string> {
    const store = new MemoryStore(this.#disk, { clock: systemClock })
    const bus = this.#hub.bus()
    const locator = new ZoneLocator({ directory: store.zones, clock: systemClock })
    const engine = new Engine({
      world,
      store,
      clock: systemClock,
      timers: systemTimers,
      seed: owner,
      owner,
      shared: { prefers: [zone] },
      exchange: (endpoint) =>
        this.#inFog(
          new BusExchange({
            endpoint,
            bus,
            locator,
            store,
            clock: systemClock,
            timers: systemTimers,
            owner,
            prefix: 'strait',
          }),
        ),
    })
    await engine.start()
    const link: RelayLink = {
      self: owner,
      send: (node, bytes) => bus.publish(`relay.${node}`, bytes),
      listen: (handler) => void bus.subscribe(`relay.${owner}`, handler),
      holderOf: async (each) => (await locator.find(each))?.owner,
      forget: (each) => locator.forget(each),
    }
    const bugs: unknown[] = []
    const gateway = createGateway({
      zones: async (id) => {
        // A gateway asks an engine for zones that another process has only to hear that it is so.
        const opened = engine.opened(id)
        if (opened === undefined) throw new TerraneError('zone_held', `${id} is elsewhere`, { retry: 'later' })
        return opened
      },
      relay: link,
      world: gatewayWorldOf(world),
      auth,
      clock: systemClock,
      timers: systemTimers,
      random: Math.random,
      onBug: (bug) => bugs.push(bug),
    })
    const http = createServer((_, response) => response.writeHead(404).end())
    http.on('upgrade', (request, socket, head) => gateway.handleUpgrade(request, socket, head))
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    onTestFinished(async () => {
      gateway.stop()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
      engine.stop()
      await bus.close()
      expect(bugs).toEqual([])
    })
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  }

  #inFog(exchange: OpExchange): OpExchange {
    return {
      send: (parcel) => exchange.send(parcel),
      acknowledge: (receipt) => exchange.acknowledge(receipt),
      tell: (note) => {
        if (!this.isFoggy) exchange.tell(note)
      },
      stop: () => exchange.stop(),
    }
  }
}

async function play(url: string, player: string, zone: string) {
  const client = await connect<typeof world>(url, {
    token: () => auth.issueGuestToken(player),
    zone,
    focus: { mode: 'area', x: 0, y: 0 },
  })
  onTestFinished(() => client.close())
  return client
}

/** Copies that are lost come again within a second or two. */
const soon = <T>(probe: () => T) => expect.poll(probe, { timeout: 30_000 })

type Seen = Readonly<Record<string, unknown>>

/** Events of the copies that a client sees, and the copy that it has of ann's ship. */
async function watch(url: string) {
  const client = await play(url, 'bob', 'west')
  const copies = client.tables['replicas.ships']
  const events: string[] = []
  const states: Seen[] = []
  copies.subscribe({
    insert(row, key) {
      events.push(`insert ${key}`)
      states.push(row)
    },
    update: (row) => void states.push(row),
    remove: (_, key) => void events.push(`remove ${key}`),
  })
  return { client, events, states, ship: () => copies.get('ann') as Seen | undefined }
}

describe('copies of rows of another zone, seen by a client', () => {
  test.each(['of the zone', 'that relays'] as const)(
    'at the gateway %s: they come, change, grow stale, go',
    async (at) => {
      const strait = new Strait()
      const [east, west] = [await strait.start('one', 'east'), await strait.start('two', 'west')]
      const ann = await play(east, 'ann', 'east')
      const { client, events, states, ship } = await watch(at === 'of the zone' ? west : east)

      await ann.inputs.sail({ x: 30 }).durable
      await soon(ship).toEqual({ id: 'ann', x: 30, y: 0, $zone: 'east', $stale: false })
      expect(client.tables.ships.size).toBe(0)
      await ann.inputs.sail({ x: 40 }).durable
      await soon(ship).toMatchObject({ x: 40, $stale: false })
      expect(events).toEqual(['insert ann'])

      // The other zone hears that there is something newer, and not what it is.
      strait.isFoggy = true
      await ann.inputs.sail({ x: 50 }).durable
      await ann.inputs.signal({}).durable
      await soon(() => states.at(-1)).toMatchObject({ x: 40, $stale: true })
      strait.isFoggy = false
      await soon(ship).toMatchObject({ x: 50, $stale: false })

      // Out of sight of the other zone, and back.
      await ann.inputs.sail({ x: 5_000 }).durable
      await soon(ship).toBeUndefined()
      await ann.inputs.sail({ x: 20 }).durable
      await soon(ship).toMatchObject({ x: 20 })
      await ann.inputs.sink({}).durable
      await soon(ship).toBeUndefined()
      expect(events.at(-1)).toBe('remove ann')
      expect(states.every((row) => !('cargo' in row))).toBe(true)
    },
  )

  test('they are as out of sight as rows are', async () => {
    const strait = new Strait()
    const [east, west] = [await strait.start('one', 'east'), await strait.start('two', 'west')]
    const ann = await play(east, 'ann', 'east')
    const { client, ship } = await watch(west)
    await ann.inputs.sail({ x: 30 }).durable
    await soon(ship).toBeDefined()
    await client.focus({ mode: 'area', x: -5_000, y: 0 })
    await soon(ship).toBeUndefined()
    await client.focus({ mode: 'area', x: 0, y: 0 })
    await soon(ship).toMatchObject({ x: 30, $zone: 'east' })
  })
})
