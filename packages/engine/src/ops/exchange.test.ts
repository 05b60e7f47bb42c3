import { VClock } from '@terrane/causality'
import { MemoryDisk, MemoryStore } from '@terrane/store-memory'
import { SimulatedTime } from '@terrane/testing'
import { integer, pgTable } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Engine } from '../engine.js'
import type { EngineLimits } from '../limits.js'
import type { OpEndpoint, OpExchange, OpParcel, OpReceipt } from '../ports/op-exchange.js'
import { TransientStoreError } from '../ports/store.js'
import { defineWorld, kind } from '../world/define-world.js'
import type { Zone } from '../zone/zone.js'
import { LocalExchange } from './local-exchange.js'

const sums = pgTable('exchange_sums', { id: integer().primaryKey(), sum: integer().notNull() })

const world = defineWorld({
  name: 'exchange',
  kinds: { sums: kind(sums) },
  zones: ['a', 'b', 'c'],
  opens: (zone) => zone === 'far',
  inputs: {
    add: {
      args: z.object({ to: z.string(), n: z.int() }),
      apply: (tx, { to, n }) => tx.send(to, 'add', { n }),
    },
    // Types are part of what is promised.
    typed: {
      args: z.object({}),
      apply(tx) {
        // @ts-expect-error there is no such op
        tx.send('b', 'subtract', { n: 1 })
        // @ts-expect-error its argument is a number
        tx.send('b', 'add', { n: 'one' })
      },
    },
  },
  ops: {
    add: {
      args: z.object({ n: z.int() }),
      apply: (tx, { n }) => void tx.sums.update(1, { sum: tx.sums.must(1).sum + n }),
    },
  },
  init: (tx) => void tx.sums.insert({ id: 1, sum: 0 }),
})

interface Setup {
  readonly limits?: Partial<EngineLimits>
  readonly exchange?: (endpoint: OpEndpoint, time: SimulatedTime) => OpExchange
  /** While it returns true, zones cannot be registered. */
  readonly isDirectoryDown?: () => boolean
}

async function open(setup: Setup) {
  const time = new SimulatedTime()
  const disk = new MemoryDisk()
  const before = ({ method, zones }: { method: string; zones: readonly string[] }) => {
    const isDown = setup.isDirectoryDown?.() === true && zones.includes('far')
    if (method === 'zones.register' && isDown) throw new TransientStoreError('the directory is down')
  }
  const engine = new Engine({
    world,
    store: new MemoryStore(disk, { clock: time, faults: { before } }),
    clock: time,
    timers: time,
    seed: 'exchange',
    owner: 'test',
    limits: { leaseMs: 1_000_000, ...setup.limits },
    exchange: (endpoint) => setup.exchange?.(endpoint, time) ?? new LocalExchange(endpoint, time),
  })
  void engine.start()
  await time.until(() => engine.zones().length === 3)
  const zone = (id: string) => engine.zones().find((each) => each.id === id) as Zone
  const stream = zone('a').open('ann', 'test', { onDurable: () => {}, onClosed: () => {} })
  return {
    time,
    engine,
    zone,
    stream,
    add: (to: string, n: number) => zone('a').submit(stream, stream.applied + 1, 0, { to, n }),
    sum: (id: string) => (zone(id)?.tables.sums?.get(1) as { sum: number } | undefined)?.sum,
    rests: () => time.until(() => engine.statuses().every(({ ops }) => ops.outbox === 0)),
  }
}

describe('the exchange', () => {
  it('X1, X2: delivers in a later turn, in order, and nothing once it has stopped', async () => {
    const time = new SimulatedTime()
    const heard: string[] = []
    const exchange = new LocalExchange(
      {
        has: () => true,
        receive: ({ to }) => void heard.push(to),
        acknowledged: ({ to }) => void heard.push(`receipt ${to}`),
        told: ({ to }) => void heard.push(`note ${to}`),
      },
      time,
    )
    const parcel = (to: string): OpParcel => ({ from: 'x', to, ops: [] })
    exchange.send(parcel('a'))
    exchange.acknowledge({ from: 'x', number: 1, to: 'b', delivered: VClock.zero, isOverflowing: false })
    exchange.send(parcel('c'))
    exchange.tell({ from: 'x', to: 'd', bytes: new Uint8Array() })
    expect(heard).toEqual([])
    await time.advance(1)
    expect(heard).toEqual(['a', 'receipt b', 'c', 'note d'])
    exchange.send(parcel('d'))
    exchange.stop()
    exchange.send(parcel('e'))
    exchange.tell({ from: 'x', to: 'e', bytes: new Uint8Array() })
    await time.advance(1_000)
    expect(heard).toHaveLength(4)
  })

  it('is asked again, later each time, until the receiver has answered', async () => {
    let isLosing = true
    const sentAt: number[] = []
    const t = await open({
      exchange(endpoint, time) {
        const local = new LocalExchange(endpoint, time)
        return {
          send(parcel) {
            sentAt.push(time.now())
            if (!isLosing) local.send(parcel)
          },
          acknowledge: (receipt: OpReceipt) => local.acknowledge(receipt),
          tell: (note) => local.tell(note),
          stop: () => local.stop(),
        }
      },
    })
    t.add('b', 7)
    await t.time.advance(60_000)
    const gaps = sentAt.slice(1).map((at, i) => at - (sentAt[i] as number))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500)
    expect(Math.max(...gaps)).toBeGreaterThan(2_000)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(11_100)
    isLosing = false
    await t.rests()
    expect(t.sum('b')).toBe(7)
  })

  it('is given fewer ops at a time by a zone whose receiver has no room', async () => {
    const parcels: number[] = []
    let isFirst = true
    const t = await open({
      limits: { opBundleMax: 1, opParcelMax: 256, opBufferMax: 8, opWindowMax: 200, opRetryMs: 100, opRetryMsMax: 200 },
      exchange(endpoint, time) {
        const local = new LocalExchange(endpoint, time)
        return {
          send(parcel) {
            parcels.push(parcel.ops.length)
            // Without its first op all others have to wait.
            if (isFirst) local.send({ ...parcel, ops: parcel.ops.slice(1) })
            else local.send(parcel)
            isFirst = false
          },
          acknowledge: (receipt: OpReceipt) => local.acknowledge(receipt),
          tell: (note) => local.tell(note),
          stop: () => local.stop(),
        }
      },
    })
    for (let n = 0; n < 200; n++) t.add('b', 1)
    await t.rests()
    expect(t.sum('b')).toBe(200)
    expect(t.engine.stats()).toMatchObject({ opsOverflowed: 1, opsDelivered: 200 })
    expect(parcels.slice(0, 2)).toEqual([200, 100])
  })

  it('is not needed while a batch waits for the number of a zone that was never mentioned', async () => {
    let isDown = true
    const t = await open({ isDirectoryDown: () => isDown })
    t.add('b', 1)
    t.add('far', 2)
    t.add('b', 4)
    await t.time.advance(5_000)
    expect([t.stream.applied, t.stream.durable, t.sum('b')]).toEqual([3, 0, 0])
    expect(t.zone('a').state).toBe('stalled')
    isDown = false
    await t.rests()
    expect([t.stream.durable, t.sum('b'), t.sum('far')]).toEqual([3, 5, 2])
    expect(t.zone('a').state).toBe('active')
  })
})
