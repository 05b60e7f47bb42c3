import type { AddressInfo } from 'node:net'
import { CODE_MAX } from '@terrane/causality'
import { systemClock } from '@terrane/core'
import { defineWorld, kind } from '@terrane/engine'
import { createAuthenticator } from '@terrane/gateway'
import type { ZoneMapInfo } from '@terrane/protocol'
import { type OpenedStore, openPostgresStore, type PostgresStore } from '@terrane/store-postgres'
import { createTestDatabase, type TestDatabase } from '@terrane/store-postgres/test-server'
import { NATS_MISSING, type NatsNode, startNatsCluster } from '@terrane/testing/nats-cluster'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { readEnvironment } from '../config/environment.js'
import { answerErrors } from '../http/api-error.js'
import { commandRoutes } from '../http/routes/commands.js'
import { rowRoutes } from '../http/routes/rows.js'
import { zoneMapRoutes } from '../http/routes/zone-map.js'
import { zoneRoutes } from '../http/routes/zones.js'
import { createLogger } from '../process/log.js'
import { ClusterService } from '../services/cluster.js'
import { EngineService } from '../services/engine.js'
import { ClusterZones } from './cluster-zones.js'
import { ZoneMapView } from './zone-map-view.js'
import { LocalZones } from './zone-work.js'
import { zonesCommand } from './zones-command.js'

const notes = pgTable('forward_notes', { id: text().primaryKey(), text: text().notNull() })
const purses = pgTable('forward_purses', { player: text().primaryKey(), coins: integer().notNull() })

const world = defineWorld({
  name: 'forward',
  zones: { spatial: ['east', 'west'], persona: { count: 2 } },
  opens: (zone) => zone === 'attic',
  kinds: {
    notes: kind(notes),
    purses: kind(purses, { placed: { by: 'player', column: 'player' }, visible: { to: 'owner', column: 'player' } }),
  },
  commands: {
    note: {
      args: z.object({ id: z.string(), text: z.string() }),
      apply(tx, row) {
        tx.notes.insert(row)
        return { zone: tx.zone, length: row.text.length }
      },
    },
    fill: {
      args: z.object({ players: z.array(z.string()) }),
      apply(tx, { players }) {
        for (const player of players)
          if (tx.zoneOf({ persona: player }) === tx.zone) tx.purses.insert({ player, coins: 7 })
        return tx.purses.count
      },
    },
    forbid: { args: z.object({}), apply: (tx) => tx.reject('closed', `${tx.zone} is closed`) },
  },
})

const PLAYERS = Array.from({ length: 12 }, (_, i) => `p${i}`)
const LEASE_MS = 2_000
/** Arguments beyond this do not go from one process to another. */
const FORWARDED_BYTES_MAX = 8 * 1024 * 1024

const SECRET = 'x'.repeat(32)
const auth = createAuthenticator({ clock: systemClock, guests: true, secret: SECRET })

describe.skipIf(NATS_MISSING !== undefined)('zones of another process, by HTTP', () => {
  let database: TestDatabase
  let nats: NatsNode
  let one: ZoneProcess
  let two: ZoneProcess

  beforeAll(async () => {
    const [created, [node]] = await Promise.all([createTestDatabase(), startNatsCluster(1)])
    database = created
    nats = node as NatsNode
    one = await startProcess('one', ['east'])
    two = await startProcess('two', ['west'])
    // Who is asked first opens it.
    expect((await two.command('persona-1', 'fill', { players: PLAYERS })).status).toBe(200)
    expect((await two.command('persona-2', 'fill', { players: PLAYERS })).status).toBe(200)
  })

  afterAll(async () => {
    await one?.end()
    await two?.end()
    await nats?.kill()
    await database?.drop()
  })

  async function startProcess(owner: string, prefers: readonly string[]): Promise<ZoneProcess> {
    const process = new ZoneProcess(owner, prefers, database.url, nats.url)
    await process.start()
    return process
  }

  test('a command runs in the process that has the zone, and the row can be read at either', async () => {
    const answer = await one.command('west', 'note', { id: 'a', text: 'hello' })
    expect(answer).toEqual({
      status: 200,
      body: { zone: 'west', command: 'note', result: { zone: 'west', length: 5 } },
    })
    expect(two.engine.opened('west')?.tables.notes?.get('a')).toMatchObject({ text: 'hello' })
    expect(one.engine.opened('west')).toBeUndefined()
    const row = { zone: 'west', kind: 'notes', row: { id: 'a', text: 'hello' } }
    for (const process of [one, two]) {
      expect(await process.get('/api/kinds/notes/a')).toEqual({ status: 200, body: row })
      expect(await process.get('/api/kinds/notes/a?zone=west')).toEqual({ status: 200, body: row })
      expect(await process.get('/api/kinds/notes/a?zone=east')).toMatchObject({ status: 404 })
      expect(await process.get('/api/kinds/notes/none')).toMatchObject({ status: 404 })
    }
  })

  test('a command with more than one message of the bus holds comes whole', async () => {
    const text = 'é'.repeat(900_000)
    const answer = await one.command('west', 'note', { id: 'long', text })
    expect(answer).toMatchObject({ status: 200, body: { result: { length: text.length } } })
    const { body } = await one.get('/api/kinds/notes/long')
    expect((body.row as { text: string }).text === text).toBe(true)
    const larger = await one.command('west', 'note', { id: 'larger', text: 'x'.repeat(FORWARDED_BYTES_MAX) })
    expect(larger).toMatchObject({ status: 413, body: { code: 'too_large_for_bus' } })
    expect((await two.command('west', 'note', { id: 'larger', text: 'x'.repeat(FORWARDED_BYTES_MAX) })).status).toBe(
      200,
    )
  })

  test('who may see a row is decided where it is asked for', async () => {
    const [player] = PLAYERS as [string]
    expect(await one.get(`/api/kinds/purses/${player}`)).toMatchObject({ status: 403 })
    expect(await one.get(`/api/kinds/purses/${player}`, 'another')).toMatchObject({ status: 403 })
    expect(await one.get(`/api/kinds/purses/${player}`, player)).toMatchObject({
      status: 200,
      body: { row: { coins: 7 } },
    })
  })

  test('errors of the other process are those of this one', async () => {
    expect(await one.command('west', 'forbid')).toMatchObject({
      status: 409,
      body: { code: 'closed', message: 'west is closed' },
    })
    expect(await one.command('west', 'unknown')).toMatchObject({ status: 404, body: { code: 'unknown_command' } })
    expect(await one.command('west', 'note', { id: 1 })).toMatchObject({ status: 400, body: { code: 'invalid_args' } })
    expect(await one.command('nowhere', 'note')).toMatchObject({ status: 404, body: { code: 'unknown_topic' } })
  })

  test('zones are split, moved and merged where they are, and both processes know', async () => {
    const split = await one.post('/api/zone-map/split', { zone: 'persona-1' })
    expect(split).toMatchObject({ status: 200, body: { version: 2, from: 'persona-1', into: 'persona-3' } })
    for (const process of [one, two]) {
      const { version, zones } = (await process.get('/api/zone-map')).body as unknown as {
        version: number
        zones: object[]
      }
      expect({ version, zones }).toMatchObject({
        version: 2,
        zones: ['persona-1', 'persona-3', 'persona-2'].map((zone) => ({
          zone,
          owner: 'two',
          isOwn: process === two,
          epoch: 1,
        })),
      })
    }
    const known = await Promise.all(PLAYERS.map((player) => one.get(`/api/kinds/purses/${player}`, player)))
    expect(known.map(({ status }) => status)).toEqual(PLAYERS.map(() => 200))
    const merged = await one.post('/api/zone-map/merge', { zone: 'persona-3', into: 'persona-1' })
    expect(merged).toMatchObject({ status: 200, body: { version: 3, into: 'persona-1' } })
  })

  test('the command does the same from a terminal, at any process', async () => {
    const url = await one.listen()
    const version = async () =>
      (JSON.parse((await terrane('list', '--url', url, '--json')).stdout) as ZoneMapInfo).version
    const before = await version()
    const split = await terrane('split', 'persona-2', '--at', String(CODE_MAX - 5), '--url', url, '--json')
    expect(JSON.parse(split.stdout)).toMatchObject({ passed: true, version: before + 1, from: 'persona-2', rows: 0 })
    expect(split.stderr).toMatch(/^0 rows went from persona-2 to persona-\d+; the map has version \d+ now\n$/)
    const { into } = JSON.parse(split.stdout) as { into: string }
    const { stdout } = await terrane('list', '--url', url)
    expect(stdout).toMatch(new RegExp(`^${into} +${CODE_MAX - 5} +${CODE_MAX} +0\\.0 % +1 +– +two$`, 'm'))
    expect(stdout).toMatch(/^east +– +– +– +1 +\d+ +one$/m)
    expect(stdout).toMatch(/^west +– +– +– +1 +– +two$/m)
    await terrane('move', 'persona', String(CODE_MAX - 5), String(CODE_MAX - 4), 'persona-2', '--url', url)
    await terrane('merge', into, 'persona-2', '--url', url)
    expect(await version()).toBe(before + 3)
    await expect(terrane('merge', 'persona-1', 'hall', '--url', url)).rejects.toMatchObject({
      code: 'not_neighbours',
      what: 'the zones were not changed',
    })
    await expect(terrane('split', 'persona-2', '--at', 'half', '--url', url)).rejects.toMatchObject({ exitCode: 1 })
    await expect(terrane('list', '--url', 'http://127.0.0.1:9')).rejects.toMatchObject({ code: 'no_answer' })
  })

  test('two zones in two processes are not merged until one is brought to the other', async () => {
    const url = await one.listen()
    const taken = await terrane('take', 'persona-1', '--url', url, '--json')
    expect(JSON.parse(taken.stdout)).toMatchObject({ zone: 'persona-1', from: 'two', epoch: 2 })
    expect([one, two].map(({ engine }) => engine.opened('persona-1') !== undefined)).toEqual([true, false])
    for (const process of [one, two]) {
      process.cluster.forget('persona-1')
      const refused = await process.post('/api/zone-map/merge', { zone: 'persona-2', into: 'persona-1' })
      expect(refused).toMatchObject({ status: 409, body: { code: 'zone_held' } })
      expect(refused.body.message).toMatch(/persona-2 is held by two.*persona-1 by one/)
      expect(refused.body.hint).toContain('terrane zones take persona-1 --url')
    }
    const rows = () => Promise.all(PLAYERS.map((player) => two.get(`/api/kinds/purses/${player}`, player)))
    expect((await rows()).map(({ status }) => status)).toEqual(PLAYERS.map(() => 200))
    // Whoever let go of it does not open it again, and the one that has it need not be asked twice.
    expect(await two.command('persona-1', 'fill', { players: [] })).toMatchObject({ status: 200 })
    expect(two.engine.opened('persona-1')).toBeUndefined()
    expect(await one.post('/api/zones/persona-1/take', {})).toMatchObject({ body: { from: 'one', epoch: 2 } })

    expect(await one.post('/api/zones/persona-2/take', {})).toMatchObject({ status: 200, body: { from: 'two' } })
    const merged = await two.post('/api/zone-map/merge', { zone: 'persona-2', into: 'persona-1' })
    expect(merged).toMatchObject({ status: 200, body: { into: 'persona-1' } })
    const after = await rows()
    expect(after.map(({ body }) => body.zone)).toEqual(PLAYERS.map(() => 'persona-1'))
    expect(await one.post('/api/zones/nowhere/take', {})).toMatchObject({
      status: 404,
      body: { code: 'unknown_topic' },
    })
  })

  test('a process that has gone is said to be away, and what others have is still told', async () => {
    expect(await one.store.zones.claim('attic', 'ghost', 60_000)).toMatchObject({ claimed: true })
    for (const { cluster } of [one, two]) cluster.forget('attic')
    expect(await one.command('attic', 'forbid')).toMatchObject({
      status: 503,
      body: { code: 'process_away', message: expect.stringContaining('ghost') },
    })
    expect(await one.get('/api/kinds/notes/a')).toMatchObject({ status: 200, body: { zone: 'west' } })
    expect(await one.get('/api/kinds/notes/none')).toMatchObject({ status: 503, body: { code: 'process_away' } })
  })
})

/** Runs `terrane zones …` in this process, with the secret of the servers. */
async function terrane(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += text
      return true
    }),
  )
  try {
    const command = zonesCommand(readEnvironment({ TERRANE_JWT_SECRET: SECRET }))
    for (const each of command.commands) each.exitOverride()
    await command.parseAsync(args, { from: 'user' })
    return said
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** Engine, bus and HTTP of a server, on a database that others use, too. */
class ZoneProcess {
  readonly cluster: ClusterService
  readonly #engine: EngineService
  readonly #app: FastifyInstance
  readonly #url: string
  #opened: OpenedStore | undefined

  constructor(owner: string, prefers: readonly string[], url: string, bus: string) {
    const log = createLogger('silent', false, () => {})
    this.#url = url
    const local = new LocalZones(() => this.#engine.running, owner)
    const store = () => this.store
    this.cluster = new ClusterService({ world, servers: [bus], store, owner, leaseMs: LEASE_MS, zones: local, log })
    this.#engine = new EngineService({
      world,
      store,
      isDatabaseOurs: false,
      owner,
      shared: { prefers },
      follows: false,
      exchange: (endpoint) => this.cluster.exchange(endpoint),
      leaseMs: LEASE_MS,
      log,
      progress: () => {},
    })
    const engine = () => this.engine
    const zones = new ClusterZones({ local, engine, owners: this.cluster })
    this.#app = Fastify({ forceCloseConnections: true })
    answerErrors(this.#app, log)
    const callerOf = async ({ headers: { authorization } }: FastifyRequest) => {
      if (authorization === undefined) return { player: undefined, isOperator: false }
      const { player, role } = await auth.verify(authorization.replace('Bearer ', ''))
      return { player, isOperator: role === 'operator' }
    }
    zoneRoutes(this.#app, engine, this.cluster)
    rowRoutes(this.#app, { world, zones, callerOf })
    commandRoutes(this.#app, { zones, callerOf })
    zoneMapRoutes(this.#app, { zones, view: new ZoneMapView({ engine, owner, cluster: this.cluster }), callerOf })
  }

  get store(): PostgresStore {
    return (this.#opened as OpenedStore).store
  }

  get engine() {
    return this.#engine.engine
  }

  async start(): Promise<void> {
    this.#opened = await openPostgresStore({ url: this.#url })
    await this.#opened.migrate(world)
    await this.cluster.run()
    await this.#engine.run()
  }

  /** Where it serves, from now on. */
  async listen(): Promise<string> {
    if (!this.#app.server.listening) await this.#app.listen({ port: 0, host: '127.0.0.1' })
    return `http://127.0.0.1:${(this.#app.server.address() as AddressInfo).port}`
  }

  async end(): Promise<void> {
    await this.#app.close()
    await this.#engine.drain()
    await this.#engine.stop()
    await this.cluster.stop()
    await this.#opened?.close()
  }

  async get(url: string, player?: string): Promise<Answer> {
    const token = player === undefined ? undefined : await auth.issueGuestToken(player)
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await this.#app.inject({ method: 'GET', url, headers })
    return { status: response.statusCode, body: response.json() }
  }

  /** As an operator. */
  async post(url: string, payload: object): Promise<Answer> {
    const token = await auth.issueGuestToken('ann', { role: 'operator' })
    const headers = { authorization: `Bearer ${token}` }
    const response = await this.#app.inject({ method: 'POST', url, headers, payload })
    return { status: response.statusCode, body: response.json() }
  }

  command(zone: string, command: string, args: object = {}): Promise<Answer> {
    return this.post(`/api/zones/${zone}/commands/${command}`, args)
  }
}
