// The invariants of spec/WorldState.tla and spec/ZoneOps.tla, by their names, on the engine itself.
import { MemoryDisk } from '@terrane/store-memory'
import { OpsSimulation, openTestZone, SimulatedTime, type TestZone } from '@terrane/testing'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineWorld, kind, type Transaction } from './world/define-world.js'
import { decodeBatch, visitChanges } from './zone/batch-codec.js'
import type { InputStream } from './zone/zone-session.js'

const PLAYERS = ['ann', 'ben', 'cat'] as const
const INPUTS = ['harvest', 'build', 'give'] as const
const TREE_WOOD = 5

type Player = (typeof PLAYERS)[number]
type Input = (typeof INPUTS)[number]

const things = pgTable('spec_things', { id: text().primaryKey(), wood: integer().notNull() })
/** Which inputs took effect, in their order. */
const deeds = pgTable('spec_deeds', {
  order: integer().primaryKey(),
  player: text().notNull(),
  nth: integer().notNull(),
})
const kinds = { things: kind(things), deeds: kind(deeds, { visible: { to: 'nobody' } }) }

type Tx = Transaction<typeof kinds>
const args = z.object({ nth: z.int() })

function move(tx: Tx, from: string, to: string): void {
  const wood = tx.things.get(from)?.wood ?? 0
  if (wood === 0) return
  if (from === 'tree' && wood === 1) tx.things.delete('tree')
  else tx.things.update(from, { wood: wood - 1 })
  if (tx.things.has(to)) tx.things.update(to, { wood: tx.things.must(to).wood + 1 })
  else tx.things.insert({ id: to, wood: 1 })
}

function input(effect: (tx: Tx) => void) {
  return {
    args,
    apply(tx: Tx, { nth }: z.infer<typeof args>): void {
      tx.deeds.insert({ order: tx.deeds.count, player: tx.player, nth })
      effect(tx)
    },
  }
}

/** The world of spec/WorldState.tla. */
const woods = defineWorld({
  name: 'woods',
  kinds,
  inputs: {
    harvest: input((tx) => move(tx, 'tree', tx.player)),
    build: input((tx) => move(tx, tx.player, `wall ${tx.things.count}`)),
    give: input((tx) => move(tx, tx.player, neighbour(tx.player))),
  },
  init(tx) {
    tx.things.insert({ id: 'tree', wood: TREE_WOOD })
    for (const player of PLAYERS) tx.things.insert({ id: player, wood: 0 })
  },
})

function neighbour(player: string): string {
  return PLAYERS[(PLAYERS.indexOf(player as Player) + 1) % PLAYERS.length] as string
}

function tablesOf(zone: TestZone['zone']): Record<string, readonly unknown[]> {
  const sorted = (name: string) =>
    [...(zone.tables[name]?.all() ?? [])].map((row) => JSON.stringify(Object.values(row))).sort()
  return { things: sorted('things'), deeds: sorted('deeds') }
}

/** Players with their clients, which repeat whatever may be lost, and the processes that believe to run the zone. */
class Run {
  readonly time = new SimulatedTime()
  readonly disk = new MemoryDisk()
  readonly wanted = new Map<Player, Input[]>(PLAYERS.map((player) => [player, []]))
  /** Numbers that were acknowledged as durable. */
  readonly promised = new Map<Player, number>()
  readonly #old: { readonly zone: TestZone; readonly streams: Map<Player, InputStream> }[] = []
  #zone: TestZone | undefined
  #streams = new Map<Player, InputStream>()

  get zone(): TestZone['zone'] {
    return (this.#zone as TestZone).zone
  }

  /** Another process takes the zone, whether the last one lives or not. */
  async open(): Promise<void> {
    this.#zone = await openTestZone(woods, { time: this.time, disk: this.disk })
    this.#streams = new Map()
    for (const player of PLAYERS) {
      const onDurable = ({ durable }: InputStream) =>
        void this.promised.set(player, Math.max(durable, this.promised.get(player) ?? 0))
      const stream = this.zone.open(player, 'test', { onDurable, onClosed: () => {} })
      expect(stream.applied, 'AckedIsDurable').toBeGreaterThanOrEqual(this.promised.get(player) ?? 0)
      this.#streams.set(player, stream)
      this.#sendAll(this.zone, stream, player)
    }
  }

  async crash(): Promise<void> {
    this.#zone?.engine.stop()
    await this.open()
  }

  /** The last owner lives on, and takes inputs. */
  async doubt(): Promise<void> {
    this.#old.push({ zone: this.#zone as TestZone, streams: this.#streams })
    await this.open()
  }

  send(player: Player, what: Input): void {
    this.wanted.get(player)?.push(what)
    for (const { zone, streams } of this.#old) {
      const stream = streams.get(player) as InputStream
      if (zone.zone.state === 'active') this.#sendAll(zone.zone, stream, player)
    }
    this.#sendAll(this.zone, this.#streams.get(player) as InputStream, player)
  }

  /** As clients do after a disconnection: from the first on, though most have arrived. */
  #sendAll(zone: TestZone['zone'], stream: InputStream, player: Player): void {
    const before = stream.applied
    this.wanted.get(player)?.forEach((what, index) => {
      const nth = index + 1
      const outcome = zone.submit(stream, nth, INPUTS.indexOf(what), { nth })
      expect(outcome, 'ExactlyOnce').toBe(nth <= before ? 'past' : undefined)
    })
  }

  async rest(): Promise<void> {
    await this.time.until(() => [...this.#streams.values()].every(({ applied, durable }) => applied === durable))
  }

  /** Owners of the past that have met the log's answer and stepped down. */
  get fenced(): number {
    return this.#old.filter(({ zone }) => zone.zone.state === 'closed').length
  }

  stop(): void {
    for (const { zone } of this.#old) zone.engine.stop()
    this.#zone?.engine.stop()
  }
}

function checkConservation({ zone }: Run): void {
  const rows = [...(zone.tables.things?.all() ?? [])] as { wood: number }[]
  expect(
    rows.reduce((sum, { wood }) => sum + wood, 0),
    'Conservation',
  ).toBe(TREE_WOOD)
}

/** Which inputs took effect, in their order. */
function deedsOf({ zone }: Run): { player: Player; nth: number }[] {
  const rows = [...(zone.tables.deeds?.all() ?? [])] as { order: number; player: Player; nth: number }[]
  return rows.sort((a, b) => a.order - b.order)
}

function checkExactlyOnceInOrder(run: Run): void {
  const done = deedsOf(run)
  for (const [player, wanted] of run.wanted) {
    const numbers = done.filter((deed) => deed.player === player).map(({ nth }) => nth)
    expect(numbers, 'ExactlyOnce, PlayerOrder').toEqual(wanted.map((_, index) => index + 1))
  }
}

function checkLog({ disk, wanted }: Run): void {
  const { log } = disk.zone('main')
  expect(
    log.map(({ seq }) => seq),
    'FramesConsecutive',
  ).toEqual(log.map((_, index) => index + 1))
  const epochs = log.map(({ epoch }) => epoch)
  expect(epochs, 'SingleAuthority').toEqual([...epochs].sort((a, b) => a - b))

  // Transactions are inputs, each in one batch, and batches: what positions move by in all batches is what was sent.
  const positions = new Map<string, number>()
  let inputs = 0
  for (const { payload } of log) {
    const { streams } = decodeBatch(payload)
    for (let at = 0; at < streams.length; at += 2) {
      const [stream, last] = [streams[at] as string, streams[at + 1] as number]
      const before = positions.get(stream) ?? 0
      expect(last, 'ExactlyOnce').toBeGreaterThan(before)
      inputs += last - before
      positions.set(stream, last)
    }
  }
  const sent = [...wanted.values()].reduce((sum, each) => sum + each.length, 0)
  expect(inputs + log.length, 'CounterIsInputsAndFrames').toBe(sent + disk.headSeq('main'))
}

/** The rows that the whole log leaves, and the world that the logged inputs make of the first one. */
async function checkReplay(run: Run): Promise<void> {
  const rows = new Map<string, unknown[]>()
  for (const { payload } of run.disk.zone('main').log) {
    for (const changes of decodeBatch(payload).kinds) {
      const name = (key: string | number) => `${changes.name} ${key}`
      visitChanges(changes, {
        whole: (key, values) => void rows.set(name(key), [...values]),
        changed(key, mask, values) {
          const row = rows.get(name(key)) as unknown[]
          let at = 0
          row.forEach((_, column) => {
            if ((mask & (1 << column)) !== 0) row[column] = values[at++]
          })
        },
        deleted: (key) => void rows.delete(name(key)),
      })
    }
  }
  const replayed = (kindName: string) =>
    [...rows]
      .filter(([key]) => key.startsWith(`${kindName} `))
      .map(([, values]) => JSON.stringify(values))
      .sort()
  const found = tablesOf(run.zone)
  expect({ things: replayed('things'), deeds: replayed('deeds') }, 'ReplayReproduces').toEqual(found)

  const again = await openTestZone(woods)
  for (const { player, nth } of deedsOf(run)) {
    again.send(player, run.wanted.get(player)?.[nth - 1] as Input, { nth })
  }
  expect(tablesOf(again.zone), 'ReplayReproduces').toEqual(found)
  again.engine.stop()
}

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      player: fc.constantFrom(...PLAYERS),
      what: fc.constantFrom(...INPUTS),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('doubt' as const) }) },
)

describe('invariants of spec/WorldState.tla', () => {
  it('hold for any inputs, crashes and doubted owners', async () => {
    const seen = { crashes: 0, fenced: 0, promised: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }), async (steps) => {
        const run = new Run()
        try {
          await run.open()
          for (const next of steps) {
            if (next.do === 'send') run.send(next.player, next.what)
            else if (next.do === 'wait') await run.time.advance(next.ms)
            else if (next.do === 'crash') await run.crash()
            else await run.doubt()
            checkConservation(run)
            seen.crashes += Number(next.do === 'crash')
          }
          await run.rest()
          checkExactlyOnceInOrder(run)
          checkLog(run)
          await checkReplay(run)
          seen.fenced += run.fenced
          for (const count of run.promised.values()) seen.promised += count
        } finally {
          run.stop()
        }
      }),
      { numRuns: 100 },
    )
    // Otherwise nothing was tried.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10)
  })
})

describe('invariants of spec/ZoneOps.tla', () => {
  // AppliedAtMostOnce, CausalOrder, Conservation, AckedIsDurable and EverythingArrives, judged by what zones wrote down.
  it('hold for value that five zones send, under loss, repetition, disorder, crashes and fencing', async () => {
    const seen = { kills: 0, opsResent: 0, opsDuplicate: 0 }
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1_000, max: 1_000_000 }), async (seed) => {
        const { violations, figures } = await new OpsSimulation({ seed, durationMs: 6_000 }).run()
        expect(violations).toEqual([])
        for (const name of ['kills', 'opsResent', 'opsDuplicate'] as const) seen[name] += figures[name]
      }),
      { numRuns: 20 },
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0)
  })
})
