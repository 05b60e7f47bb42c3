import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock, systemTimers } from '@terrane/core'
import { defineWorld, Engine, kind, persona } from '@terrane/engine'
import { createAuthenticator, createGateway, type Gateway } from '@terrane/gateway'
import { MemoryDisk, MemoryStore } from '@terrane/store-memory'
import { boolean, doublePrecision, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { connect } from './node.js'
import type { ConnectOptions } from './options.js'
import { gatewayWorldOf } from './test-support/gateway-world.js'

const ships = pgTable('ships', {
  id: text().primaryKey(),
  x: doublePrecision().notNull(),
  y: doublePrecision().notNull(),
  docked: boolean().notNull(),
  seenAt: timestamp(),
})

const purses = pgTable('purses', { player: text().primaryKey(), coins: integer().notNull() })

/** Who has entered the world, in order. */
const entered: string[] = []

const world = defineWorld({
  name: 'harbour',
  zones: { persona: { count: 1 } },
  kinds: {
    ships: kind(ships, { visible: { to: 'nearby', x: 'x', y: 'y' } }),
    purses: kind(purses, { placed: { by: 'player', column: 'player' }, visible: { to: 'owner', column: 'player' } }),
  },
  interest: { hz: 50, radius: 100, cell: 20 },
  join(tx) {
    if (tx.player === 'pirate') tx.reject('banned', 'pirates stay outside')
    entered.push(tx.player)
  },
  inputs: {
    launch: {
      args: z.object({ x: z.number(), y: z.number() }),
      apply(tx, { x, y }) {
        tx.ships.insert({ id: tx.player, x, y, docked: false, seenAt: new Date(tx.now) })
        return { at: [x, y] }
      },
    },
    move: {
      args: z.object({ x: z.number(), y: z.number().optional() }),
      apply(tx, { x, y }) {
        const ship = tx.ships.must(tx.player)
        tx.ships.update(tx.player, { x, y: y ?? ship.y })
      },
    },
    sink: { args: z.object({}), apply: (tx) => tx.ships.delete(tx.player) },
    earn: {
      args: z.object({}),
      apply(tx) {
        const { player } = tx
        const coins = (tx.purses.get(player)?.coins ?? 0) + 1
        if (coins === 1) tx.purses.insert({ player, coins })
        else tx.purses.update(player, { coins })
        return coins
      },
    },
    home: { args: z.object({}), apply: (tx) => tx.zoneOf(persona(tx.player)) },
  },
})

const secret = 'a secret of at least thirty-two bytes, for tests'
const auth = createAuthenticator({ clock: systemClock, secret, guests: true })
const closings: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close()
})

/** Gateway and engine as the server wires them, over a disk that outlives a crash. */
class Harbour {
  readonly disk = new MemoryDisk()
  port = 0
  #http: Server | undefined
  #gateway: Gateway | undefined
  #engine: Engine | undefined

  async start(): Promise<void> {
    const engine = new Engine({
      world,
      store: new MemoryStore(this.disk, { clock: systemClock }),
      clock: systemClock,
      timers: systemTimers,
      seed: String(Math.random()),
      owner: `test-${Math.random()}`,
      isOwnerDead: () => true,
    })
    await engine.start()
    const gateway = createGateway({
      zones: (id) => engine.zone(id),
      world: gatewayWorldOf(world),
      auth,
      clock: systemClock,
      timers: systemTimers,
      random: Math.random,
    })
    const http = createServer(async (request, response) => {
      if (request.url !== '/api/guest') response.statusCode = 404
      response.end(JSON.stringify({ token: await auth.issueGuestToken('guest-1'), player: 'guest-1' }))
    })
    http.on('upgrade', (request, socket, head) => {
      if (!gateway.handleUpgrade(request, socket, head)) socket.destroy()
    })
    await new Promise<void>((resolve) => http.listen(this.port, '127.0.0.1', resolve))
    this.port = (http.address() as AddressInfo).port
    this.#http = http
    this.#gateway = gateway
    this.#engine = engine
  }

  get engine(): Engine {
    return this.#engine as Engine
  }

  /** Ends without a word to anyone. */
  async crash(): Promise<void> {
    this.#gateway?.stop()
    this.#http?.closeAllConnections()
    await new Promise((resolve) => this.#http?.close(resolve))
    this.#engine?.stop()
  }

  async connect(player: string, options: ConnectOptions = {}) {
    const client = await connect<typeof world>(`http://127.0.0.1:${this.port}`, {
      token: () => auth.issueGuestToken(player),
      focus: { mode: 'area', x: 0, y: 0 },
      ...options,
    })
    closings.push(() => client.close())
    return client
  }
}

async function open(): Promise<Harbour> {
  const harbour = new Harbour()
  await harbour.start()
  closings.push(() => harbour.crash())
  return harbour
}

describe('the client against a real gateway and engine', () => {
  test('sends inputs, hears when they are applied and durable, and sees the world', async () => {
    const harbour = await open()
    const ann = await harbour.connect('ann')
    const bob = await harbour.connect('bob')
    expect([ann.player, ann.status]).toEqual(['ann', 'online'])

    const launch = ann.inputs.launch({ x: 1, y: 2 })
    expect(await launch.applied).toEqual({ at: [1, 2] })
    expect(await launch.durable).toEqual({ at: [1, 2] })
    await expect.poll(() => bob.tables.ships.get('ann')).toMatchObject({ x: 1, y: 2, docked: false })
    expect(bob.tables.ships.get('ann')?.seenAt).toBeInstanceOf(Date)

    const twice = ann.inputs.launch({ x: 1, y: 2 })
    await expect(twice.applied).rejects.toMatchObject({ name: 'InputRejected', code: 'duplicate', seq: 2 })
    await expect(bob.send('move', { x: 'far' as never }).applied).rejects.toMatchObject({ code: 'invalid_args' })

    const events: string[] = []
    bob.tables.ships.subscribe({
      insert: (_, key) => events.push(`insert ${key}`),
      update: (row, previous) => events.push(`move ${previous.x} to ${row.x}`),
      remove: (_, key) => events.push(`remove ${key}`),
    })
    // Into another cell, out of sight, and back.
    await ann.send('move', { x: 50 }).durable
    await expect.poll(() => events).toEqual(['move 1 to 50'])
    await ann.send('move', { x: 5_000 }).durable
    await expect.poll(() => events).toHaveLength(2)
    await bob.focus({ mode: 'area', x: 5_000, y: 0 })
    await expect.poll(() => events).toEqual(['move 1 to 50', 'remove ann', 'insert ann'])
    await ann.send('sink').durable
    await expect.poll(() => bob.tables.ships.size).toBe(0)
    expect(bob.presence.list().map((each) => each.player)).toEqual(['ann', 'bob'])
  })

  test('many inputs in a frame, and acks of durable ones alone', async () => {
    const harbour = await open()
    const ann = await harbour.connect('ann', { acks: 'durable' })
    const sent = ann.sendMany([['launch', { x: 0, y: 0 }], ['move', { x: 1 }], ['sink'], ['move', { x: 2 }]])
    expect(await Promise.allSettled(sent.map((input) => input.durable))).toEqual([
      { status: 'fulfilled', value: { at: [0, 0] } },
      { status: 'fulfilled', value: undefined },
      { status: 'fulfilled', value: true },
      { status: 'rejected', reason: expect.objectContaining({ code: 'not_found' }) },
    ])
    await ann.drained()
    expect(ann.pending).toBe(0)
  })

  test('goes on after a crash of the server, with every input done once and the least events', async () => {
    const harbour = await open()
    const ann = await harbour.connect('ann')
    const bob = await harbour.connect('bob')
    await ann.send('launch', { x: 1, y: 1 }).durable
    await bob.send('launch', { x: 2, y: 2 }).durable
    await expect.poll(() => ann.tables.ships.size).toBe(2)
    const events: string[] = []
    const note =
      (what: string) =>
      (_: unknown, ...rest: unknown[]) =>
        events.push(`${what} ${rest.at(-1)}`)
    ann.tables.ships.subscribe({ insert: note('insert'), update: note('update'), remove: note('remove') })
    const statuses: string[] = []
    ann.on('status', (status) => statuses.push(status))

    await harbour.crash()
    await expect.poll(() => ann.status).toBe('reconnecting')
    const waiting = ann.send('move', { x: 9 })
    expect(waiting.status).toBe('pending')
    await harbour.start()
    await waiting.durable
    await expect.poll(() => ann.tables.ships.get('ann')?.x).toBe(9)
    expect(statuses).toEqual(['reconnecting', 'online'])
    expect(new Set(events)).toEqual(new Set(['update ann']))
    expect(ann.tables.ships.size).toBe(2)
  })

  test('plays as a guest, and says why it may not play', async () => {
    const harbour = await open()
    const guest = await harbour.connect('', { token: undefined as never, guest: true })
    expect(guest.player).toBe('guest-1')
    const refused = connect(`http://127.0.0.1:${harbour.port}`, { token: 'forged' })
    await expect(refused).rejects.toMatchObject({ code: 'unauthorized' })
    const nowhere = harbour.connect('ann', { zone: 'atlantis' })
    await expect(nowhere).rejects.toMatchObject({ code: 'unknown_topic' })
    const silent = connect('http://127.0.0.1:9', { token: 'any', timeoutMs: 300 })
    await expect(silent).rejects.toMatchObject({ code: 'connect_timeout', retry: 'later' })
  })

  test('who watches is not in the world before the first input, and then as everybody is', async () => {
    const harbour = await open()
    const bob = await harbour.connect('bob')
    entered.length = 0
    const ann = await harbour.connect('ann', { watch: true })
    await bob.send('launch', { x: 1, y: 1 }).durable
    await expect.poll(() => ann.tables.ships.get('bob')).toBeDefined()
    expect(entered).toEqual([])
    await ann.send('launch', { x: 2, y: 2 }).durable
    await ann.send('move', { x: 3 }).durable
    const other = await harbour.connect('ann', { watch: true, client: 'other' })
    await other.send('move', { x: 4 }).durable
    expect(entered).toEqual(['ann'])
    await Promise.all([ann.close(), other.close()])
    await expect.poll(() => bob.presence.list().map((each) => each.player)).toEqual(['bob'])
    await harbour.connect('ann', { watch: true }).then((again) => again.send('move', { x: 5 }).durable)
    expect(entered).toEqual(['ann', 'ann'])

    const pirate = await harbour.connect('pirate', { watch: true })
    for (let i = 0; i < 2; i++) {
      await expect(pirate.send('launch', { x: 0, y: 0 }).applied).rejects.toMatchObject({ code: 'banned' })
    }
    expect(pirate.status).toBe('online')
    await expect(harbour.connect('pirate', { client: 'boat' })).rejects.toMatchObject({ code: 'banned' })
  })

  test('two clients of one name: the first is closed for good', async () => {
    const harbour = await open()
    const first = await harbour.connect('ann')
    const second = await harbour.connect('ann')
    await expect.poll(() => first.status).toBe('closed')
    expect(() => first.send('sink')).toThrow(expect.objectContaining({ code: 'replaced' }))
    expect(second.status).toBe('online')
  })

  test('goes on with what it has sent while its zone is split, and is told when its rows have gone', async () => {
    const harbour = await open()
    const players = await Promise.all(['ann', 'bob'].map((player) => harbour.connect(player, { zone: 'persona-1' })))
    const earn = () => players.map((player) => player.inputs.earn({}))
    await Promise.all(earn().map(({ durable }) => durable))
    const before = Array.from({ length: 20 }, earn).flat()
    const split = harbour.engine.splitZone('persona-1')
    // Sent while nobody takes them.
    const during = Array.from({ length: 20 }, earn).flat()
    expect(await split).toMatchObject({ into: 'persona-2', rows: 1 })
    const homes = await Promise.all(players.map((player) => player.inputs.home({}).applied))
    expect([...homes].sort()).toEqual(['persona-1', 'persona-2'])

    const stays = homes.indexOf('persona-1')
    const counts = await Promise.all(
      [...before, ...during].filter((_, i) => i % 2 === stays).map((each) => each.durable),
    )
    expect(counts).toEqual(Array.from({ length: 40 }, (_, i) => i + 2))

    const name = ['ann', 'bob'][1 - stays] as string
    const gone = players[1 - stays] as (typeof players)[0]
    await expect(gone.inputs.earn({}).applied).rejects.toMatchObject({ code: 'not_the_authority' })
    const outcomes = await Promise.allSettled(
      [...before, ...during].filter((_, i) => i % 2 !== stays).map((each) => each.durable),
    )
    const kept = outcomes.filter(({ status }) => status === 'fulfilled').length
    const again = await harbour.connect(name, { zone: 'persona-2' })
    expect(await again.inputs.earn({}).durable).toBe(1 + kept + 1)
  })
})
