import { type Client, connect } from '@terrane/client'
import { Histogram, Prng } from '@terrane/core'
import { childOptions, serveParent, tell } from '../child.js'
import type bank from './bank-world.js'
import { ACCOUNTS } from './bank-world.js'
import { other } from './interactive.js'
import { Zipf } from './zipf.js'

/** Sends transfers through the client SDK, so many under way per connection, and times the durable acks. */
const { url, connections } = childOptions<{ url: string; connections: number }>()

type BankClient = Client<typeof bank>

const PAIRS = 1 << 19

const clients: BankClient[] = []
for (let i = 0; i < connections; i++) {
  clients.push(
    await connect<typeof bank>(url, {
      guest: true,
      client: `load${i}`,
      focus: { mode: 'none' },
      acks: 'durable',
      presence: false,
    }),
  )
}
tell({ ready: true })

serveParent(async (request) => {
  const { inFlight, perFrame, alpha, seconds, seed } = request as {
    inFlight: number
    perFrame: number
    alpha: number
    seconds: number
    seed: number
  }
  const pairs = drawPairs(alpha, seed)
  let drawn = 0
  const draw = () => {
    const at = (drawn++ % PAIRS) * 2
    return { from: pairs[at] as number, to: pairs[at + 1] as number, amount: 1 }
  }
  const latency = new Histogram()
  const warmUntil = performance.now() + 1500
  const until = warmUntil + seconds * 1000
  let commits = 0
  const loop = async (client: BankClient): Promise<void> => {
    for (;;) {
      const startedAt = performance.now()
      if (startedAt >= until) return
      if (perFrame === 1) await client.inputs.transfer(draw()).durable
      else
        await lastOf(client.batch(() => Array.from({ length: perFrame }, () => client.inputs.transfer(draw())))).durable
      const now = performance.now()
      if (startedAt >= warmUntil && now < until) {
        commits += perFrame
        latency.record(now - startedAt)
      }
    }
  }
  await Promise.all(clients.flatMap((client) => Array.from({ length: inFlight / perFrame }, () => loop(client))))
  return { perSecond: commits / seconds, p50Ms: latency.quantile(0.5), p99Ms: latency.quantile(0.99), aborts: 0 }
})

/** Durable acks are cumulative: the last one of a batch stands for all. */
function lastOf<T>(items: readonly T[]): T {
  return items[items.length - 1] as T
}

/** Pairs of accounts, drawn before the clock starts: the load shares the machine with what it measures. */
function drawPairs(alpha: number, seed: number): Int32Array {
  const zipf = new Zipf(ACCOUNTS, alpha, new Prng(`load ${seed}`))
  const pairs = new Int32Array(PAIRS * 2)
  for (let i = 0; i < PAIRS; i++) {
    pairs[i * 2] = zipf.draw()
    pairs[i * 2 + 1] = other(zipf, pairs[i * 2] as number)
  }
  return pairs
}
