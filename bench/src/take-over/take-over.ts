import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock, systemTimers } from '@terrane/core'
import { Engine, type EngineEvent, type Zone } from '@terrane/engine'
import { type EmbeddedPostgres, type OpenedStore, openPostgresStore, startEmbedded } from '@terrane/store-postgres'
import { type Figures, type Floor, median, note, report } from '../report.js'
import { structuresWorld } from './world.js'

export interface TakeOverOptions {
  readonly json: boolean
  readonly tiny: boolean
  readonly rows?: number
}

const FULL = { rows: 300_000, rounds: 3 }
const TINY = { rows: 5_000, rounds: 1 }
/** Long: owner and successor are one process here, and to read 300,000 rows keeps the owner from its lease, too. */
const LEASE_MS = 5_000
const ZONE = 'main'
const BUILT_AT_ONCE = 1_000
/** Under load until the owner ends, so that there is an end of the log to be read. */
const HITS_PER_TICK = 20
const LOAD_MS = 1_500
const REST_MS_MAX = 120_000

/** With a lease of a second, which ends after 1,333 ms at the latest, the zone is without an owner for 2 s at most. */
const FLOORS: readonly Floor[] = [{ figure: 'warm.openMsMax', max: 600 }]

/** One engine with a store of its own, as a process would have it. */
interface Node {
  readonly engine: Engine
  readonly opened: OpenedStore
  readonly events: EngineEvent[]
}

/** How long it takes to open a zone of many rows when its owner has ended, with a warm copy and without. */
export async function takeOver(options: TakeOverOptions): Promise<void> {
  const size = options.tiny ? TINY : FULL
  const rows = options.rows ?? size.rows
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'terrane-take-over-')))
  const postgres = await startEmbedded({ dataDir: join(home, 'postgres') })
  let node: Node | undefined
  try {
    node = await startNode(postgres, 'founder', false)
    await until(() => node?.engine.opened(ZONE) !== undefined, 'the zone')
    note(`building ${rows} rows`)
    await build(zoneOf(node), rows)
    const figures: Figures = { rows }
    for (const kind of ['cold', 'warm'] as const) {
      const openMs: number[] = []
      for (let i = 0; i < size.rounds; i++) {
        const next = await startNode(postgres, `${kind} ${i}`, kind === 'warm')
        if (kind === 'warm') await until(() => next.engine.followed().some(({ readAt }) => readAt > 0), 'the copy')
        await load(zoneOf(node), rows)
        node.engine.stop()
        await node.opened.close()
        node = next
        await until(() => next.engine.opened(ZONE) !== undefined, 'the take-over')
        for (const event of next.events) if (event.type === 'zone_opened') openMs.push(event.tookMs)
        note(`${kind}: opened in ${openMs.at(-1)} ms`)
      }
      figures[`${kind}.openMs`] = Math.max(1, Math.round(median(openMs)))
      figures[`${kind}.openMsMax`] = Math.round(Math.max(...openMs))
    }
    report({ name: 'take-over', figures, floors: options.tiny ? [] : FLOORS }, options.json)
  } finally {
    node?.engine.stop()
    await node?.opened.close()
    await postgres.stop('immediate')
    rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}

async function startNode(postgres: EmbeddedPostgres, owner: string, follows: boolean): Promise<Node> {
  const opened = await openPostgresStore({ url: postgres.url, migrationUrl: postgres.adminUrl })
  await opened.migrate(structuresWorld)
  const events: EngineEvent[] = []
  const engine = new Engine({
    world: structuresWorld,
    store: opened.store,
    clock: systemClock,
    timers: systemTimers,
    seed: owner,
    owner,
    follows,
    shared: {},
    limits: { leaseMs: LEASE_MS },
    report: (event) => events.push(event),
  })
  await engine.start()
  return { engine, opened, events }
}

function zoneOf({ engine }: Node): Zone {
  const zone = engine.opened(ZONE)
  if (zone === undefined) throw new Error(`the zone ${ZONE} is not open where it should be`)
  return zone
}

function play(zone: Zone): { send(input: 'build' | 'hit', args: unknown): void; end(): void } {
  const stream = zone.open('builder', 'bench', { onDurable: () => {}, onClosed: () => {} })
  const numbers = { build: 0, hit: 1 }
  return {
    send: (input, args) => {
      const outcome = zone.submit(stream, stream.applied + 1, numbers[input], args)
      if (outcome !== undefined && typeof outcome === 'object' && 'rejected' in outcome) {
        throw new Error(`${input} was refused: ${outcome.rejected.message}`)
      }
    },
    end: () => zone.close(stream),
  }
}

async function build(zone: Zone, rows: number): Promise<void> {
  const { send, end } = play(zone)
  for (let from = 0; from < rows; from += BUILT_AT_ONCE) {
    send('build', { from, count: Math.min(BUILT_AT_ONCE, rows - from) })
    await delay(1)
  }
  end()
  await until(() => zone.status().checkpoint >= zone.status().seq, 'the tables')
}

async function load(zone: Zone, rows: number): Promise<void> {
  const { send, end } = play(zone)
  const untilMs = performance.now() + LOAD_MS
  for (let id = 0; performance.now() < untilMs; ) {
    for (let i = 0; i < HITS_PER_TICK; i++) send('hit', { id: id++ % rows })
    await delay(5)
  }
  end()
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + REST_MS_MAX
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`waited ${REST_MS_MAX / 1_000} s in vain for ${what}`)
    await delay(2)
  }
}
