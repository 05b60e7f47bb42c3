import { defineWorld, Engine, kind } from '@terrane/engine'
import { MemoryDisk, MemoryStore } from '@terrane/store-memory'
import { SimulatedTime } from '@terrane/testing'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Bus } from './bus.js'
import { BusExchange } from './bus-exchange.js'
import { InProcessHub } from './in-process-bus.js'
import { decodeFrame } from './op-frames.js'
import { ZoneLocator } from './zone-locator.js'

const sums = pgTable('bus_sums', { id: integer().primaryKey(), sum: integer().notNull() })
const marks = pgTable('bus_marks', { id: text().primaryKey() })

const world = defineWorld({
  name: 'bus',
  kinds: { sums: kind(sums), marks: kind(marks, { replicate: { to: () => ['a', 'b'] } }) },
  zones: ['a', 'b'],
  inputs: {
    give: {
      args: z.object({ to: z.string(), n: z.int() }),
      apply(tx, { to, n }) {
        tx.sums.update(1, { sum: tx.sums.must(1).sum - n })
        tx.send(to, 'add', { n })
      },
    },
  },
  commands: { mark: { args: z.object({}), apply: (tx) => void tx.marks.insert({ id: `of ${tx.zone}` }) } },
  ops: {
    add: {
      args: z.object({ n: z.int() }),
      apply: (tx, { n }) => void tx.sums.update(1, { sum: tx.sums.must(1).sum + n }),
    },
  },
  init: (tx) => void tx.sums.insert({ id: 1, sum: 0 }),
})

interface Process {
  readonly engine: Engine
  readonly exchange: BusExchange
}

/** Two processes on one store. `filter` says how many copies of a message come through. */
function cluster(filter: (bytes: Uint8Array) => number = () => 1) {
  const time = new SimulatedTime()
  const disk = new MemoryDisk()
  const hub = new InProcessHub(time)
  const start = (owner: string, prefers: readonly string[]): Process => {
    const store = new MemoryStore(disk, { clock: time })
    let exchange: BusExchange | undefined
    const engine = new Engine({
      world,
      store,
      clock: time,
      timers: time,
      seed: owner,
      owner,
      shared: { prefers },
      exchange: (endpoint) => {
        exchange = new BusExchange({
          endpoint,
          bus: filtered(hub.bus(), filter),
          locator: new ZoneLocator({ directory: store.zones, clock: time }),
          store,
          clock: time,
          timers: time,
          owner,
          prefix: 'test',
        })
        return exchange
      },
    })
    void engine.start()
    return { engine, exchange: exchange as BusExchange }
  }
  return { time, start, one: start('one', ['a']), two: start('two', ['b']) }
}

function filtered(bus: Bus, copies: (bytes: Uint8Array) => number): Bus {
  return {
    publish(subject, bytes) {
      let isSent = false
      for (let left = copies(bytes); left > 0; left--) isSent = bus.publish(subject, bytes)
      return isSent
    },
    subscribe: (subject, handler) => bus.subscribe(subject, handler),
    respond: (subject, responder) => bus.respond(subject, responder),
    request: (subject, bytes, timeoutMs) => bus.request(subject, bytes, timeoutMs),
    get isConnected() {
      return copies(new Uint8Array()) > 0
    },
    statistics: bus.statistics,
    close: () => bus.close(),
  }
}

function player({ engine }: Process, zone: string) {
  const open = engine.opened(zone)
  if (open === undefined) throw new Error(`zone ${zone} is not open`)
  const stream = open.open('ann', 'test', { onDurable: () => {}, onClosed: () => {} })
  return (to: string, n: number) => open.submit(stream, stream.applied + 1, 0, { to, n })
}

const sumOf = ({ engine }: Process, zone: string) =>
  (engine.opened(zone)?.tables.sums?.get(1) as { sum: number } | undefined)?.sum

const rests = (...processes: Process[]) =>
  processes.every(({ engine }) => engine.statuses().every(({ ops }) => ops.outbox === 0))

describe('ops between processes', () => {
  test('arrive by the bus, once and acknowledged', async () => {
    const { time, one, two } = cluster()
    await time.until(() => one.engine.opened('a') !== undefined && two.engine.opened('b') !== undefined)
    const give = player(one, 'a')
    const back = player(two, 'b')
    for (let i = 0; i < 100; i++) give('b', 3)
    for (let i = 0; i < 50; i++) back('a', 2)
    await time.until(() => sumOf(two, 'b') === 200 && sumOf(one, 'a') === -200 && rests(one, two))
    expect(two.engine.stats().opsDelivered + one.engine.stats().opsDelivered).toBe(150)
    expect(one.exchange.counters.swept + two.exchange.counters.swept).toBe(0)
  })

  test('and copies of rows find their way, too, also to a zone that has moved', async () => {
    const { time, one, two } = cluster()
    await time.until(() => one.engine.opened('a') !== undefined && two.engine.opened('b') !== undefined)
    void one.engine.opened('a')?.command('mark', {})
    const copyIn = ({ engine }: Process, zone: string) => engine.opened(zone)?.replicas.marks?.get('of a')
    await time.until(() => copyIn(two, 'b') !== undefined)
    expect(copyIn(two, 'b')).toMatchObject({ row: { id: 'of a' }, zone: 'a', stale: false })
    two.engine.stop()
    await time.until(() => copyIn(one, 'b') !== undefined, 120_000)
    expect(copyIn(one, 'b')).toMatchObject({ zone: 'a', stale: false })
  })

  test('arrive once when every third message is lost and every fourth comes twice', async () => {
    let count = 0
    const { time, one, two } = cluster((bytes) => {
      if (bytes.length === 0) return 1
      count++
      return count % 3 === 0 ? 0 : count % 4 === 0 ? 2 : 1
    })
    await time.until(() => one.engine.opened('a') !== undefined && two.engine.opened('b') !== undefined)
    const give = player(one, 'a')
    for (let i = 0; i < 40; i++) {
      give('b', 1)
      await time.advance(5)
    }
    await time.until(() => rests(one, two))
    expect(sumOf(two, 'b')).toBe(40)
    expect(two.engine.stats().opsDelivered).toBe(40)
  })

  test('arrive through the database when the bus is down from the beginning, and are acknowledged', async () => {
    const { time, one, two } = cluster(() => 0)
    await time.until(() => one.engine.opened('a') !== undefined && two.engine.opened('b') !== undefined)
    const give = player(one, 'a')
    for (let i = 0; i < 30; i++) give('b', 1)
    await time.until(() => rests(one, two))
    expect(sumOf(two, 'b')).toBe(30)
    expect(two.engine.stats().opsDelivered).toBe(30)
    expect(one.exchange.counters.framesOut + two.exchange.counters.framesOut).toBe(0)
    expect(one.exchange.counters.swept).toBeGreaterThan(0)
    expect(two.exchange.counters.swept).toBeGreaterThan(0)
  })

  test('follow a zone to the process that takes it over, within a lease and a third', async () => {
    const { time, start, one, two } = cluster()
    await time.until(() => one.engine.opened('a') !== undefined && two.engine.opened('b') !== undefined)
    const give = player(one, 'a')
    give('b', 1)
    await time.until(() => sumOf(two, 'b') === 1)
    two.engine.stop()
    for (let i = 0; i < 10; i++) give('b', 1)
    const standby = start('three', [])
    const diedAt = time.now()
    await time.until(() => [one, standby].some((each) => each.engine.opened('b') !== undefined))
    expect(time.now() - diedAt).toBeLessThanOrEqual((10_000 * 4) / 3 + 1_000)
    await time.until(() => rests(one, standby))
    expect(sumOf(one, 'b') ?? sumOf(standby, 'b')).toBe(11)
  })
})

test('a frame of another version is left alone, a broken one is told', () => {
  expect(decodeFrame(Uint8Array.of(99, 0))).toBeUndefined()
  expect(() => decodeFrame(Uint8Array.of(1, 0, 200))).toThrow(RangeError)
})
