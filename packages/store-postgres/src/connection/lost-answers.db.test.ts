/**
 * The worst moments for a connection to end: before the database has seen an append, and after it has
 * committed one but before we hear of it. In both the engine must find out what happened; it may neither
 * append a batch a second time nor take its own batch for another owner's.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { systemClock, systemTimers } from '@terrane/core'
import { type CommitLog, Engine, type EngineEvent, type Store } from '@terrane/engine'
import { proofWorld } from '@terrane/testing'
import { reset } from '@terrane/testing/fault-proxy'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPostgresStore } from '../open.js'
import { createTestDatabase, type TestDatabase } from '../test-server/test-database.js'

const APPEND = 'INSERT INTO terrane.commit_log'

/**
 * The inputs take turns: one whose append is a single statement, and one whose batch is committed together
 * with rows, by a COMMIT.
 */
const STATEMENTS = [
  { input: 'transfer', args: { from: 1, to: 2, amount: 1 }, commits: APPEND },
  { input: 'mint', args: { account: 1, amount: 1 }, commits: 'COMMIT' },
] as const
const MOMENTS = ['before', 'after', undefined] as const
const INPUTS = 10 * STATEMENTS.length * MOMENTS.length

/** A relay to the database that can end the connection for appends at a statement that passes it. */
class AppendCutter {
  next: { readonly statement: string; readonly moment: 'before' | 'after' } | undefined
  readonly cuts = { before: 0, after: 0 }
  readonly #server: Server
  readonly #target: { port: number; host: string }

  constructor(target: { port: number; host: string }) {
    this.#target = target
    this.#server = createServer((client) => this.#relay(client))
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve)
    })
    return (this.#server.address() as { port: number }).port
  }

  close(): void {
    this.#server.close()
  }

  #relay(client: Socket): void {
    const upstream = connect(this.#target)
    let appends = false
    let cutsAnswer = false
    const end = () => {
      reset(client)
      upstream.destroy()
    }
    client.on('error', end).on('close', end)
    upstream.on('error', end).on('close', end)
    client.on('data', (chunk) => {
      appends ||= chunk.includes(APPEND)
      const moment = appends && this.next && chunk.includes(this.next.statement) ? this.next.moment : undefined
      if (moment === undefined) {
        upstream.write(chunk)
        return
      }
      this.next = undefined
      this.cuts[moment]++
      if (moment === 'before') end()
      else {
        cutsAnswer = true
        upstream.write(chunk)
      }
    })
    // An answer to what commits is there only when the database has committed.
    upstream.on('data', (chunk) => (cutsAnswer ? end() : client.write(chunk)))
  }
}

let database: TestDatabase
let cutter: AppendCutter

beforeAll(async () => {
  database = await createTestDatabase()
  const { hostname, port } = new URL(database.url)
  cutter = new AppendCutter({ host: hostname, port: Number(port) })
})

afterAll(async () => {
  cutter.close()
  await database.drop()
})

/** Notes what is called, in order, with what came of it. */
function recording(log: CommitLog, calls: string[]): CommitLog {
  const note = async <T>(name: string, call: Promise<T>): Promise<T> => {
    const at = calls.push(name) - 1
    try {
      return await call
    } catch (error) {
      calls[at] = `${name}: ${(error as Error).name}`
      throw error
    }
  }
  return {
    append: (entries) => note('append', log.append(entries)),
    headOf: (zone) => note('headOf', log.headOf(zone)),
    read: (zone, after) => log.read(zone, after),
    trim: (zone, upTo) => log.trim(zone, upTo),
  }
}

test('every input is durable once, whenever the connection ends; a lost answer is looked up, not repeated', async () => {
  const url = new URL(database.url)
  url.port = String(await cutter.listen())
  const opened = await openPostgresStore({ url: url.href })
  await opened.migrate(proofWorld)
  const calls: string[] = []
  const events: EngineEvent[] = []
  const { log, checkpoints, zones } = opened.store
  const store: Store = {
    log: recording(log, calls),
    checkpoints,
    zones,
    map: opened.store.map,
    close: () => opened.close(),
  }
  const engine = new Engine({
    world: proofWorld,
    store,
    clock: systemClock,
    timers: systemTimers,
    seed: 'lost-answers',
    owner: 'test',
    report: (event) => events.push(event),
  })
  await engine.start()
  const zone = await engine.zone('main')
  const stream = zone.open('player', 'client', { onDurable: () => {}, onClosed: () => {} })
  for (let number = 1; number <= INPUTS; number++) {
    const { input, args, commits } = STATEMENTS[number % STATEMENTS.length] as (typeof STATEMENTS)[number]
    const moment = MOMENTS[Math.floor(number / STATEMENTS.length) % MOMENTS.length]
    cutter.next = moment && { statement: commits, moment }
    zone.submit(stream, number, proofWorld.inputNames.indexOf(input), args)
    await expect.poll(() => stream.durable, { interval: 1, timeout: 20_000 }).toBe(number)
  }
  expect(cutter.cuts).toEqual({ before: INPUTS / 3, after: INPUTS / 3 })

  const uncertain = calls.flatMap((call, i) => (call === 'append: UncertainStoreError' ? [i] : []))
  expect(uncertain.length).toBeGreaterThanOrEqual((INPUTS / 3) * 2)
  for (const at of uncertain) expect(calls[at + 1]).toMatch(/^headOf/)
  expect(events.filter(({ type }) => type === 'zone_closed' || type === 'zone_failed')).toEqual([])
  expect(opened.store.connectionInfo()?.reconnects).toBeGreaterThanOrEqual((INPUTS / 3) * 2)

  await engine.drain()
  expect(zone.counters.rejected).toBe(0)
  expect(await database.query('SELECT minted FROM proof_totals')).toEqual([{ minted: INPUTS / STATEMENTS.length }])
  expect(await database.query('SELECT sum(balance)::int - 12000 AS minted FROM proof_accounts')).toEqual([
    { minted: INPUTS / STATEMENTS.length },
  ])
  const positions = await database.query(
    'SELECT count(*)::int AS n, (max(seq) - min(seq) + 1)::int AS span, count(DISTINCT epoch)::int AS epochs FROM terrane.commit_log',
  )
  expect(positions).toEqual([{ n: positions[0]?.span, span: positions[0]?.span, epochs: 1 }])
  await opened.close()
})
