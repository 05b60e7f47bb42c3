import { type Store, TransientStoreError, UncertainStoreError } from '@terrane/engine'
import { describeStoreContract } from '@terrane/testing/store-contract'
import { describe, expect, test } from 'vitest'
import { MemoryDisk } from './memory-disk.js'
import { MemoryStore, type StoreFaults } from './memory-store.js'

const entry = (seq: number) => ({ zone: 'main', seq, epoch: 1, payload: Uint8Array.of(seq) })

describeStoreContract('memory', async () => {
  const disk = new MemoryDisk()
  let now = 1_000_000
  let breaks = 0
  const broken = new WeakSet<Store>()
  return {
    open() {
      const faults: StoreFaults = {
        before: () => {
          if (broken.has(store) && breaks++ % 3 === 0) throw new TransientStoreError('lost before')
        },
        after: () => {
          if (broken.has(store) && breaks++ % 2 === 0) throw new UncertainStoreError('lost after')
        },
      }
      const store = new MemoryStore(disk, { clock: { now: () => now }, faults, chunkSize: 25 })
      return store
    },
    pass(ms) {
      now += ms
    },
    async interrupt(store, call) {
      broken.add(store)
      await call()
      broken.delete(store)
    },
    async close() {},
  }
})

describe('faults', () => {
  const clock = { now: () => 0 }

  test('S3: an error before the effect leaves the disk as it was, one after it does not', async () => {
    const disk = new MemoryDisk()
    let fail: 'before' | 'after' = 'before'
    const store = new MemoryStore(disk, {
      clock,
      faults: {
        before: () => {
          if (fail === 'before') throw new TransientStoreError('refused')
        },
        after: () => {
          if (fail === 'after') throw new UncertainStoreError('lost')
        },
      },
    })
    await expect(store.log.append([entry(1)])).rejects.toThrow(TransientStoreError)
    expect(disk.headSeq('main')).toBe(0)
    fail = 'after'
    await expect(store.log.append([entry(1)])).rejects.toThrow(UncertainStoreError)
    expect(disk.headSeq('main')).toBe(1)
  })

  test('a closed store has no effect any more; an abandoned one still lands what it sent', async () => {
    const disk = new MemoryDisk()
    for (const [end, head] of [
      ['close', 0],
      ['abandon', 1],
    ] as const) {
      let land = () => {}
      const delay = new Promise<void>((resolve) => {
        land = resolve
      })
      const store = new MemoryStore(disk, { clock, faults: { before: () => delay } })
      const outcome = store.log.append([entry(1)]).catch((error: unknown) => error)
      if (end === 'close') await store.close()
      land()
      await outcome
      expect(disk.headSeq('main')).toBe(head)
    }
  })

  test('each call says what it is about', async () => {
    const calls: string[] = []
    const faults: StoreFaults = {
      before: ({ method, zones, writes }) => void calls.push(`${method} ${zones} ${writes}`),
    }
    const store = new MemoryStore(new MemoryDisk(), { clock, faults })
    await store.zones.claim('main', 'me', 10)
    await store.log.append([entry(1)])
    for await (const _ of store.log.read('main', 0));
    expect(calls).toEqual([
      'zones.claim main true',
      'log.append main true',
      'log.read main false',
      'log.read main false',
    ])
  })
})
