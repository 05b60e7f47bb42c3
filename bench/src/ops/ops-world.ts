import { Histogram } from '@terrane/core'
import { defineWorld, kind } from '@terrane/engine'
import { integer, pgTable } from 'drizzle-orm/pg-core'
import { z } from 'zod'

const counters = pgTable('bench_ops_counters', { id: integer().primaryKey(), value: integer().notNull() })

const COUNTERS = 256
const SEND_EVERY_MS = 4

/** Decides what the zones of this process send, and hears what arrives. */
export class OpsLoad {
  /** Zones that send, each to its two neighbours in a ring; the others have nothing to do with it. */
  readonly active: readonly string[]
  readonly #neighbours = new Map<string, readonly string[]>()
  /** Ops that may wait in the outbox of one zone, as its status says. */
  inFlight = 0
  outboxOf: (zone: string) => number = () => 0
  /** From the sending transaction to the receiving one, ms. */
  latencyMs = new Histogram()

  constructor(active: readonly string[]) {
    this.active = active
    const count = active.length
    for (const [place, zone] of active.entries()) {
      const both = [active[(place + 1) % count], active[(place + count - 1) % count]] as string[]
      this.#neighbours.set(zone, [...new Set(both)])
    }
  }

  neighbours(zone: string): readonly string[] {
    return this.#neighbours.get(zone) ?? []
  }
}

/** Zones that do nothing but count each other's ops, in rows. */
export function opsWorld(zones: readonly string[], load: OpsLoad) {
  return defineWorld({
    name: 'bench-ops',
    kinds: { counters: kind(counters, { visible: { to: 'nobody' } }) },
    zones,
    ops: {
      add: {
        args: z.object({ counter: z.int(), amount: z.int(), sentMs: z.number() }),
        apply(tx, { counter, amount, sentMs }) {
          tx.counters.update(counter, { value: tx.counters.must(counter).value + amount })
          load.latencyMs.record(performance.now() - sentMs)
        },
      },
    },
    ticks: {
      send: {
        everyMs: SEND_EVERY_MS,
        apply(tx) {
          const neighbours = load.neighbours(tx.zone)
          if (neighbours.length === 0) return
          const sentMs = performance.now()
          for (let room = load.inFlight - load.outboxOf(tx.zone); room > 0; room--) {
            const to = neighbours[room % neighbours.length] as string
            tx.send(to, 'add', { counter: tx.randomInt(0, COUNTERS - 1), amount: 1, sentMs })
          }
        },
      },
    },
    init(tx) {
      for (let id = 0; id < COUNTERS; id++) tx.counters.insert({ id, value: 0 })
    },
  })
}
