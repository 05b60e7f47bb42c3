import type { AppendResult, CheckpointWrite, LogAppend, Store } from '@terrane/engine'
import type { MemoryDisk } from '@terrane/store-memory'
import { describe, expect, it } from 'vitest'
import { proofWorld } from './proof-world.js'
import { Simulation } from './simulation.js'

type Sabotage = (store: Store, disk: MemoryDisk) => Store

/** Mistakes that a store or the engine's use of it could make; each must show within a few seeds. */
const BUGS: Record<string, Sabotage> = {
  'some commits are lies': (store) => {
    let calls = 0
    return withAppend(store, (append) => (entries) => (++calls % 50 === 0 ? committed(entries) : append(entries)))
  },
  'the answer comes before the commit': (store) =>
    withAppend(store, (append) => {
      let last: Promise<unknown> = Promise.resolve()
      return (entries) => {
        last = last.then(() => append(entries)).catch(() => {})
        return committed(entries)
      }
    }),
  'a fenced append counts as committed': (store) =>
    withAppend(store, (append) => async (entries) => {
      await append(entries)
      return committed(entries)
    }),
  'checkpoints forget a row now and then': (store) => {
    let kinds = 0
    return withCheckpoint(store, (checkpoint) => ({
      ...checkpoint,
      changes: checkpoint.changes.map((change) =>
        ++kinds % 20 === 0 ? { ...change, columns: change.columns.map((column) => column.slice(1)) } : change,
      ),
    }))
  },
  'checkpoints forget deletions': (store) =>
    withCheckpoint(store, (checkpoint) => ({
      ...checkpoint,
      changes: checkpoint.changes.map((change) => ({ ...change, deleted: [] })),
    })),
  'checkpoints forget input streams': (store) =>
    withCheckpoint(store, (checkpoint) => ({ ...checkpoint, streams: [] })),
  'checkpoints claim one batch too many': (store) =>
    withCheckpoint(store, (checkpoint) => ({ ...checkpoint, to: checkpoint.to + 1 })),
}

function withAppend(
  store: Store,
  change: (append: Store['log']['append']) => (entries: readonly LogAppend[]) => Promise<readonly AppendResult[]>,
): Store {
  const append = change((entries) => store.log.append(entries))
  return overriding(store, { log: overriding(store.log, { append }) })
}

function withCheckpoint(store: Store, change: (checkpoint: CheckpointWrite) => CheckpointWrite): Store {
  const write = (checkpoint: CheckpointWrite) => store.checkpoints.write(change(checkpoint))
  return overriding(store, { checkpoints: overriding(store.checkpoints, { write }) })
}

async function committed(entries: readonly LogAppend[]): Promise<readonly AppendResult[]> {
  return entries.map(() => 'committed')
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

describe('the simulator', () => {
  it('finds nothing wrong in 20 runs of the engine', async () => {
    const totals = { durable: 0, kills: 0, freezes: 0, drops: 0, recoveries: 0 }
    for (let seed = 1; seed <= 20; seed++) {
      const { violations, figures } = await new Simulation({ world: proofWorld, seed }).run()
      expect(violations, `seed ${seed}`).toEqual([])
      for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += figures[name]
    }
    // Otherwise nothing was tried.
    expect(totals.durable).toBeGreaterThan(1000)
    expect(Math.min(totals.kills, totals.freezes, totals.drops, totals.recoveries)).toBeGreaterThan(5)
  })

  it('does the same again from the same seed', async () => {
    const [first, second] = [await runSeed(7), await runSeed(7)]
    expect(second).toEqual(first)
  })

  it.each(Object.entries(BUGS))('finds the bug: %s', async (_name, sabotage) => {
    const found = await firstSeedThatFails(sabotage)
    expect(found, `no seed up to ${SEEDS_MAX} shows it`).toBeDefined()
  })
})

const SEEDS_MAX = 60

function runSeed(seed: number) {
  return new Simulation({ world: proofWorld, seed }).run()
}

async function firstSeedThatFails(sabotage: Sabotage): Promise<number | undefined> {
  for (let seed = 1; seed <= SEEDS_MAX; seed++) {
    const { violations } = await new Simulation({ world: proofWorld, seed, sabotage }).run()
    if (violations.length > 0) return seed
  }
  return undefined
}
