import { Prng, TerraneError } from '@terrane/core'
import { expect, test, vi } from 'vitest'
import { TestRegion } from '../test-support/test-region.js'
import { type BotCounters, type Playable, play } from './captain.js'
import type { Order } from './errands.js'

/** A client without a network: inputs go straight into the region. */
class LocalClient implements Playable {
  status = 'online'
  readonly player = 'ada'
  readonly sent: string[] = []
  /** Set to keep answers from arriving. */
  silent = false
  readonly #region: TestRegion

  constructor(region: TestRegion) {
    this.#region = region
    region.join(this.player)
  }

  get tables(): Playable['tables'] {
    return this.#region.tables
  }

  now(): number {
    return this.#region.now
  }

  readonly inputs: Playable['inputs'] = {
    move: (args) => this.#send('move', args),
    harvest: (args) => this.#send('harvest', args),
    build: (args) => this.#send('build', args),
    craft: (args) => this.#send('craft', args),
    interact: (args) => this.#send('interact', args),
  }

  #send(name: Order['input'], args: unknown): { applied: Promise<unknown> } {
    this.sent.push(name)
    if (this.silent) return { applied: new Promise(() => {}) }
    const { result, rejected } = this.#region.input(this.player, name, args)
    return {
      applied: rejected === undefined ? Promise.resolve(result) : Promise.reject(new TerraneError(rejected, 'refused')),
    }
  }
}

async function playFor(seconds: number, client: LocalClient, region: TestRegion): Promise<BotCounters> {
  const counters = { inputs: 0, rejected: 0 }
  const stop = new AbortController()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const playing = play(client, new Prng('captain'), counters, stop.signal)
    for (let step = 0; step < seconds * 10; step++) {
      await vi.advanceTimersByTimeAsync(100)
      await region.pass(100)
    }
    stop.abort()
    await playing
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
  return counters
}

test('a bot plays at a pace of people, and few of its inputs are refused', async () => {
  const region = await TestRegion.open('captain', 40)
  const client = new LocalClient(region)
  const seconds = 600
  const { inputs, rejected } = await playFor(seconds, client, region)
  expect(inputs / seconds).toBeGreaterThan(0.3)
  expect(inputs / seconds).toBeLessThan(3)
  expect(rejected).toBeLessThan(inputs * 0.05)
  expect(region.tables.structures.count).toBeGreaterThan(0)
})

test('it sends nothing while the connection is away, and goes on afterwards', async () => {
  const region = await TestRegion.open('captain', 40)
  const client = new LocalClient(region)
  client.status = 'reconnecting'
  await playFor(20, client, region)
  expect(client.sent).toEqual([])
  client.status = 'online'
  await playFor(20, client, region)
  expect(client.sent.length).toBeGreaterThan(0)
})

test('it leaves when told to, even while an answer is outstanding, and when the client is closed', async () => {
  const region = await TestRegion.open('captain', 40)
  const client = new LocalClient(region)
  client.silent = true
  await playFor(20, client, region)
  expect(client.sent).toHaveLength(1)
  client.status = 'closed'
  await play(client, new Prng('captain'), { inputs: 0, rejected: 0 }, new AbortController().signal)
})
