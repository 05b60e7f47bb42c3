import { VClock } from '@terrane/causality'
import type { LogAppend, OpExchange, OpParcel, OpReceipt, Store } from '@terrane/engine'
import { describe, expect, it } from 'vitest'
import { type OpsFigures, OpsSimulation, type OpsSimulationOptions } from './ops-simulation.js'

type Sabotage = Omit<OpsSimulationOptions, 'seed'>

/** Mistakes that the ops' way could make; each must show within a few seeds. */
const BUGS: Record<string, Sabotage> = {
  'receipts promise more than was applied': {
    sabotageExchange: withReceipts((receipt) => ({
      ...receipt,
      delivered: VClock.of([...receipt.delivered].map(([zone, count]) => [zone, count + 1])),
    })),
  },
  'ops leave before they are durable': { sabotageStore: withEarlyAnswers },
  'ops lose what they have to wait for': {
    sabotageExchange: withParcels((parcel) => ({
      ...parcel,
      ops: parcel.ops.map((op) => ({ ...op, after: VClock.zero, passes: [] })),
    })),
  },
  'checkpoints keep what has left the outbox': {
    sabotageStore: (store) =>
      overriding(store, {
        checkpoints: overriding(store.checkpoints, {
          write: (checkpoint) =>
            store.checkpoints.write({
              ...checkpoint,
              changes: checkpoint.changes.map((change) => ({ ...change, deleted: [] })),
            }),
        }),
      }),
  },
  'checkpoints forget the mailbox': {
    sabotageStore: (store) =>
      overriding(store, {
        checkpoints: overriding(store.checkpoints, {
          write: (checkpoint) =>
            store.checkpoints.write({
              ...checkpoint,
              changes: checkpoint.changes.filter(({ kind }) => kind.name !== 'terrane.mailbox'),
            }),
        }),
      }),
  },
}

function withReceipts(change: (receipt: OpReceipt) => OpReceipt): (exchange: OpExchange) => OpExchange {
  return (exchange) => overriding(exchange, { acknowledge: (receipt) => exchange.acknowledge(change(receipt)) })
}

function withParcels(change: (parcel: OpParcel) => OpParcel): (exchange: OpExchange) => OpExchange {
  return (exchange) => overriding(exchange, { send: (parcel) => exchange.send(change(parcel)) })
}

function withEarlyAnswers(store: Store): Store {
  let last: Promise<unknown> = Promise.resolve()
  const append = async (entries: readonly LogAppend[]) => {
    last = last.then(() => store.log.append(entries)).catch(() => {})
    return entries.map(() => 'committed' as const)
  }
  return overriding(store, { log: overriding(store.log, { append }) })
}

function overriding<T extends object>(target: T, overrides: Partial<T>): T {
  return new Proxy(target, {
    get(of, name) {
      if (name in overrides) return overrides[name as keyof T]
      const value = of[name as keyof T]
      return typeof value === 'function' ? value.bind(of) : value
    },
  })
}

describe('the simulator of ops between zones', () => {
  it('finds nothing wrong in 20 runs of the engine', async () => {
    const totals: Partial<OpsFigures> = {}
    for (let seed = 1; seed <= 20; seed++) {
      const { violations, figures } = await new OpsSimulation({ seed }).run()
      expect(violations, `seed ${seed}`).toEqual([])
      for (const name of Object.keys(figures) as (keyof OpsFigures)[])
        totals[name] = (totals[name] ?? 0) + figures[name]
    }
    // Otherwise nothing was tried.
    expect(totals.opsSent).toBeGreaterThan(2_000)
    const least = [totals.kills, totals.recoveries, totals.opsResent, totals.opsDuplicate, totals.opsRefused]
    for (const count of [...least, totals.opsBuffered]) expect(count).toBeGreaterThan(10)
  })

  it('does the same again from the same seed', async () => {
    const [first, second] = [await new OpsSimulation({ seed: 7 }).run(), await new OpsSimulation({ seed: 7 }).run()]
    expect(second).toEqual(first)
  })

  it.each(Object.entries(BUGS))('finds the bug: %s', async (_name, sabotage) => {
    for (let seed = 1; seed <= 40; seed++) {
      const { violations } = await new OpsSimulation({ ...sabotage, seed }).run()
      if (violations.length > 0) return
    }
    expect.unreachable('no seed up to 40 shows it')
  })
})
