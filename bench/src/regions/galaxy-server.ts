import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type AnyWorld, defineWorld, Engine, type EngineEvent, type Zone } from '@terrane/engine'
import { openPostgresStore, startEmbedded } from '@terrane/store-postgres'
import { createFrontier } from '@terrane/world-frontier'
import { generateRegion, type Region, zoneOf } from '@terrane/world-frontier/galaxy'
import { z } from 'zod'
import { LeapingTime } from './leaping-time.js'

const DAY_MS = 24 * 3_600_000
const POLL_MS = 10
const WAIT_MS_MAX = 120_000

/** A frontier that can be told to fill a region with structures. */
function settledFrontier() {
  const frontier = createFrontier({ sectors: 12 })
  type Structures = {
    structures: { insert(row: object): unknown }
    newId(): string
    randomInt(a: number, b: number): number
  }
  const args = z.object({ owners: z.int(), each: z.int() })
  const settle = {
    args,
    apply(tx: Structures, { owners, each }: z.infer<typeof args>) {
      for (let i = 0; i < owners * each; i++) {
        const [x, y] = [tx.randomInt(0, 60_000), tx.randomInt(0, 60_000)]
        const owner = `settler-${i % owners}`
        tx.structures.insert({ id: tx.newId(), owner, kind: 'wall', x, y, hp: 100, sector: 1 })
      }
    },
  }
  return defineWorld({ ...frontier, commands: { ...frontier.commands, settle } } as never) as AnyWorld
}

/** The frontier on an embedded PostgreSQL, in a time that can leap. */
export class GalaxyServer {
  readonly time = new LeapingTime()
  readonly engine: Engine
  readonly #failures: EngineEvent[] = []
  readonly #close: () => Promise<void>

  private constructor(
    engine: (report: (event: EngineEvent) => void, time: LeapingTime) => Engine,
    close: () => Promise<void>,
  ) {
    this.engine = engine((event) => {
      if ('cause' in event) this.#failures.push(event)
    }, this.time)
    this.#close = close
  }

  static async start(): Promise<GalaxyServer> {
    const directory = await mkdtemp(join(tmpdir(), 'terrane-regions-'))
    const postgres = await startEmbedded({ dataDir: join(directory, 'postgres') })
    const opened = await openPostgresStore({ url: postgres.url, migrationUrl: postgres.adminUrl })
    const world = settledFrontier()
    const server = new GalaxyServer(
      (report, time) =>
        new Engine({
          world,
          store: opened.store,
          clock: time,
          timers: time,
          seed: 'bench',
          owner: `bench-${process.pid}`,
          report,
        }),
      async () => {
        await opened.close()
        await postgres.stop()
        await rm(directory, { recursive: true, force: true })
      },
    )
    try {
      await opened.migrate(world)
      await server.engine.start()
      return server
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  async stop(): Promise<void> {
    await this.engine.drain()
    this.engine.stop()
    await this.#close()
  }

  /** Returns for how long nothing else could happen, ms. */
  async import(region: Region): Promise<number> {
    const zone = await this.engine.zone(zoneOf(region))
    const args = { region: JSON.parse(JSON.stringify(region)) }
    const startMs = performance.now()
    const isDurable = zone.command('importRegion', args)
    const pauseMs = performance.now() - startMs
    await isDurable
    return pauseMs
  }

  async importNexus(): Promise<number> {
    return this.import(generateRegion({ name: 'nexus', seed: 'bench', sectors: 'nexus' }))
  }

  /** Imports a region and attaches it. Returns the pause of the import, ms. */
  async add(name: string, sectors: number): Promise<number> {
    const pauseMs = await this.import(generateRegion({ name, seed: name, sectors }))
    const zone = await this.zone(name)
    await zone.command('attachRegion', {})
    await this.until(() => zone.tables.regions?.get(name)?.attachment === 'attached', `${name} is not attached`)
    return pauseMs
  }

  zone(region: string): Promise<Zone> {
    return this.engine.zone(`region:${region}`)
  }

  /** One input of a player who joins for it: resolves when it is durable. Returns when it was executed, ms. */
  async play(region: string, player: string): Promise<{ appliedMs: number; durableMs: number }> {
    const startMs = performance.now()
    const zone = await this.zone(region)
    const move = this.engine.world.inputNames.indexOf('move')
    let durable = () => {}
    const stream = zone.open(player, 'bench', { onDurable: () => durable(), onClosed: () => {} })
    const isDurable = new Promise<void>((resolve) => {
      durable = () => void (stream.durable === stream.applied && resolve())
    })
    // To where it is: a ship that flies changes its zone ten times a second, and nothing would ever be at rest.
    const ship = zone.tables.ships?.by.owner?.get(player)
    const outcome = zone.submit(stream, stream.applied + 1, move, { x: ship?.x, y: ship?.y })
    const appliedMs = performance.now() - startMs
    if (outcome !== undefined) throw new Error(`the input was not taken: ${JSON.stringify(outcome)}`)
    await isDurable
    zone.close(stream)
    return { appliedMs, durableMs: performance.now() - startMs }
  }

  leapDays(days: number): void {
    this.time.leap(days * DAY_MS)
  }

  /** Regions that are in memory. */
  loaded(): string[] {
    return this.engine.statuses().flatMap(({ id }) => (id.startsWith('region:') ? [id.slice('region:'.length)] : []))
  }

  /** Until only so many regions are in memory: time leaps by minutes, so that census and housekeeping fall due. */
  async untilLoaded(count: number): Promise<void> {
    const endMs = performance.now() + WAIT_MS_MAX
    while (this.loaded().length > count) {
      if (performance.now() > endMs) throw new Error(`${this.loaded().length} regions stay loaded instead of ${count}`)
      this.time.leap(65_000)
      await delay(200)
    }
  }

  async until(holds: () => boolean, otherwise: string): Promise<void> {
    const endMs = performance.now() + WAIT_MS_MAX
    while (!holds()) {
      if (performance.now() > endMs) throw new Error(otherwise)
      await delay(POLL_MS)
    }
  }

  /** Everything durable and in the tables, so that no log tail is in memory. */
  async atRest(): Promise<void> {
    const rests = () => this.engine.statuses().every(({ tailBytes, ops }) => tailBytes === 0 && ops.outbox === 0)
    await this.until(rests, 'the checkpoints do not catch up')
    const [failure] = this.#failures
    if (failure !== undefined) throw new Error(`a zone met a failure: ${failure.type}`, { cause: failure })
  }
}
