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
  const random = new Prng(`load ${seed}`)
  const zipf = new Zipf(ACCOUNTS, alpha, random)
  const latency = new Histogram()
  const warmUntil = performance.now() + 1500
  const until = warmUntil + seconds * 1000
  let commits = 0
  const loop = async (client: BankClient): Promise<void> => {
    for (;;) {
      const startedAt = performance.now()
      if (startedAt >= until) return
      const transfers = Array.from({ length: perFrame }, () => {
        const from = zipf.draw()
        return { from, to: other(zipf, from), amount: 1 }
      })
      if (perFrame === 1) await client.inputs.transfer(transfers[0] as (typeof transfers)[0]).durable
      else await lastOf(client.batch(() => transfers.map((each) => client.inputs.transfer(each)))).durable
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
