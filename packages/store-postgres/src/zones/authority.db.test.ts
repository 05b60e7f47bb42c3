import { systemClock, systemTimers } from '@terrane/core'
import { defineWorld, Engine, type EngineEvent, kind, type LogAppend, persona, type Zone } from '@terrane/engine'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type OpenedStore, openPostgresStore } from '../open.js'
import { createTestDatabase, type TestDatabase } from '../test-server/test-database.js'

const scores = pgTable('authority_scores', { player: text().primaryKey(), points: integer().notNull() })
const notes = pgTable('authority_notes', { player: text().primaryKey(), note: text().notNull() })
const kinds = {
  scores: kind(scores, { persist: 'commit', placed: { by: 'player', column: 'player' } }),
  notes: kind(notes),
}
const world = defineWorld({
  name: 'authority',
  zones: { spatial: ['arena'], persona: { count: 1 } },
  kinds,
  inputs: {
    score: {
      args: z.object({}),
      apply(tx) {
        const { player } = tx
        if (tx.scores.has(player)) tx.scores.update(player, { points: tx.scores.must(player).points + 1 })
        else tx.scores.insert({ player, points: 1 })
      },
    },
    sponsor: {
      args: z.object({ player: z.string() }),
      apply: (tx, { player }) => tx.send(persona(player), 'sponsored', { player }),
    },
  },
  ops: {
    sponsored: {
      args: z.object({ player: z.string() }),
      apply: (tx, { player }) => void tx.scores.insert({ player, points: 100 }),
    },
  },
})
const PERSONA = 'persona-1'
const [SCORES, NOTES] = world.schemas

/** One process: its own connections, its own engine. */
class Process {
  readonly opened: OpenedStore
  readonly engine: Engine
  readonly events: EngineEvent[] = []

  private constructor(opened: OpenedStore, owner: string) {
    this.opened = opened
    this.engine = new Engine({
      world,
      store: opened.store,
      clock: systemClock,
      timers: systemTimers,
      seed: owner,
      owner,
      // Wrongly: the owner lives on and does not know.
      isOwnerDead: () => true,
      shared: { prefers: [] },
      report: (event) => this.events.push(event),
    })
  }

  static async start(url: string, owner: string): Promise<Process> {
    const process = new Process(await openPostgresStore({ url }), owner)
    await process.engine.start()
    return process
  }

  async end(): Promise<void> {
    this.engine.stop()
    await this.opened.close()
  }
}

const score = (zone: Zone) => {
  const stream = zone.open('ann', 'client', { onDurable: () => {}, onClosed: () => {} })
  return { stream, outcome: zone.submit(stream, stream.applied + 1, world.inputNames.indexOf('score'), {}) }
}

describe('only the owner of a zone writes', () => {
  let database: TestDatabase
  let old: Process
  let heir: Process
  let oldZone: Zone

  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database.drop())

  beforeEach(async () => {
    await database.clear()
    const opened = await openPostgresStore({ url: database.url })
    await opened.migrate(world)
    await opened.close()
    old = await Process.start(database.url, 'old')
    oldZone = await old.engine.zone(PERSONA)
    const { stream } = score(oldZone)
    await expect.poll(() => stream.durable, { timeout: 20_000 }).toBe(1)
    heir = await Process.start(database.url, 'heir')
    await heir.engine.zone(PERSONA)
  })
  afterEach(async () => {
    await old.end()
    await heir.end()
  })

  const points = () => database.query('SELECT terrane_zone, player, points FROM authority_scores ORDER BY player')
  const batches = () => database.query('SELECT zone_id, seq, epoch FROM terrane.commit_log ORDER BY zone_id, seq')
  /** The next batch of the persona zone, as an owner of `epoch` would write it. */
  async function next(epoch: number, player = 'mallory'): Promise<LogAppend> {
    const head = await heir.opened.store.log.headOf(PERSONA)
    const rows = [{ kind: SCORES as never, columns: [[player], [1_000_000]], deleted: [] }]
    return { zone: PERSONA, seq: (head?.seq ?? 0) + 1, epoch, payload: Uint8Array.of(0), rows }
  }

  test('an engine that was taken over from loses what it applies, and closes the zone', async () => {
    const before = await points()
    const { stream, outcome } = score(oldZone)
    expect(outcome).toBeUndefined()
    await expect.poll(() => oldZone.state, { timeout: 20_000 }).toBe('closed')
    expect(stream.durable).toBe(1)
    expect(old.events).toContainEqual({ type: 'zone_closed', zone: PERSONA, why: 'fenced' })
    expect(await points()).toEqual(before)
    const zone = heir.engine.opened(PERSONA) as Zone
    const next = score(zone)
    await expect.poll(() => next.stream.durable, { timeout: 20_000 }).toBe(2)
    expect(await points()).toEqual([{ terrane_zone: PERSONA, player: 'ann', points: 2 }])
  })

  test('its store is refused a batch, rows of its own, a checkpoint and a change of the map', async () => {
    const [rows, log] = [await points(), await batches()]
    const { store } = old.opened
    const entry = await next(oldZone.epoch)
    const { rows: _, ...plain } = entry
    expect(await store.log.append([plain])).toEqual(['fenced'])
    expect(await store.log.append([entry])).toEqual(['fenced'])
    const { version: from, ranges } = await store.map.read()
    expect(await store.map.write({ from, ranges, appends: [entry] })).toBe('fenced')
    const [record] = (await store.zones.list()).filter(({ zone }) => zone === PERSONA)
    const position = record?.checkpoint ?? 0
    const changes = [{ kind: NOTES as never, columns: [['mallory'], ['was here']], deleted: [] }]
    const write = { zone: PERSONA, epoch: oldZone.epoch, from: position, to: position, changes }
    expect(await store.checkpoints.write({ ...write, streams: [], endedStreams: [] })).toBe('fenced')
    expect([await points(), await batches()]).toEqual([rows, log])
    expect(await database.query('SELECT player FROM authority_notes')).toEqual([])
    // What is refused above is not refused for another reason.
    const { epoch } = heir.engine.opened(PERSONA) as Zone
    expect(await heir.opened.store.log.append([await next(epoch, 'bob')])).toEqual(['committed'])
    expect(await points()).toContainEqual({ terrane_zone: PERSONA, player: 'bob', points: 1_000_000 })
  })

  test('the owner of a zone of space cannot write a player’s rows, be it by its store or by its world', async () => {
    const arena = await heir.engine.zone('arena')
    expect(score(arena).outcome).toMatchObject({ rejected: { code: 'not_the_authority' } })
    await heir.engine.drain()
    const [rows, log] = [await points(), await batches()]
    const { store } = old.opened
    const claim = await store.zones.claim('arena', 'old', 60_000)
    const epoch = claim.claimed ? claim.epoch : 0
    const seq = ((await store.log.headOf('arena'))?.seq ?? 0) + 1
    const forged = { ...(await next(epoch)), zone: 'arena', seq }
    await expect(store.log.append([forged])).rejects.toThrow('authority_scores_terrane_persona')
    expect([await points(), await batches()]).toEqual([rows, log])
    const { rows: _, ...plain } = forged
    expect(await store.log.append([plain])).toEqual(['committed'])
  })

  test('a split takes rows, log and map along in one transaction, and another process goes on from there', async () => {
    const arena = await heir.engine.zone('arena')
    const stream = arena.open('clerk', 'client', { onDurable: () => {}, onClosed: () => {} })
    const players = Array.from({ length: 12 }, (_, i) => `player-${i}`)
    for (const [i, player] of players.entries()) {
      arena.submit(stream, i + 1, world.inputNames.indexOf('sponsor'), { player })
    }
    await expect.poll(async () => (await points()).length, { timeout: 20_000 }).toBe(1 + players.length)
    const { into, rows } = await heir.engine.splitZone(PERSONA)
    const [low, high] = await Promise.all(
      [PERSONA, into].map((zone) =>
        database.query('SELECT player FROM authority_scores WHERE terrane_zone = $1', [zone]),
      ),
    )
    expect(high).toHaveLength(rows)
    expect([...(low ?? []), ...(high ?? [])].map(({ player }) => player).sort()).toEqual(['ann', ...players].sort())
    const map = await database.query('SELECT zone_id, lo FROM terrane.zone_map WHERE version = 2 ORDER BY lo')
    expect(map).toMatchObject([{ zone_id: PERSONA, lo: '0' }, { zone_id: into }])
    await heir.engine.drain()
    // It was there before the split, and has heard nothing of it.
    const zone = await old.engine.zone(into)
    expect([...(zone.tables.scores?.all() ?? [])]).toHaveLength(rows)
    const moved = zone.open(high?.[0]?.player as string, 'client', { onDurable: () => {}, onClosed: () => {} })
    expect(zone.submit(moved, 1, world.inputNames.indexOf('score'), {})).toBeUndefined()
    await expect.poll(() => moved.durable, { timeout: 20_000 }).toBe(1)
  })

  test.each([
    "INSERT INTO authority_scores (terrane_zone, player, points) VALUES ('arena', 'mallory', 1000000)",
    "UPDATE authority_scores SET terrane_zone = 'arena'",
  ])('the database refuses rows of players in other zones: %s', async (sql) => {
    const before = await points()
    await expect(database.query(sql)).rejects.toMatchObject({ code: '23514' })
    expect(await points()).toEqual(before)
  })
})
