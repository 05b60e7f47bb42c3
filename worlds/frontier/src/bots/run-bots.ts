import { setMaxListeners } from 'node:events'
import { connect } from '@terrane/client'
import { BotTokens, pause, unlessAborted } from '@terrane/client/bots'
import { backoffMs, Prng, TerraneError } from '@terrane/core'
import type { Frontier } from '../frontier.js'
import { type BotCounters, play } from './captain.js'

export interface BotsOptions {
  /** The server, like `http://127.0.0.1:4000`. */
  readonly url: string
  readonly count: number
  /** What they choose depends on it, and on what they see. */
  readonly seed?: string
  /** File in which the bots' tokens are kept, so that they are the same players next time. */
  readonly tokens?: string
  readonly signal: AbortSignal
  readonly log?: (line: string) => void
}

/** One process plays at most this many; more would measure the bots. */
export const BOTS_MAX = 2_000

/** Bots come in one after the other, so that a start is not a storm of connections. */
const START_EVERY_MS = 20
const REPORT_EVERY_MS = 30_000
/** Pauses before a bot that was turned away connects again. */
const RETRY_MS_BASE = 500
const RETRY_MS_MAX = 15_000
/** A client that had been online ended for good: the next pause is as long as after so many attempts. */
const ATTEMPTS_AFTER_END = 4

/** Plays `count` bots until the signal fires; resolves when all have left. Rejects, and ends them, on a bug of theirs. */
export async function runBots(options: BotsOptions): Promise<void> {
  const { url, count, seed = 'bots', log = () => {} } = options
  if (!Number.isInteger(count) || count < 0 || count > BOTS_MAX) {
    throw new RangeError(`the number of bots must be between 0 and ${BOTS_MAX}: ${count}`)
  }
  const failed = new AbortController()
  const signal = AbortSignal.any([options.signal, failed.signal])
  // Every bot waits on the signal, for two things at most.
  setMaxListeners(2 * count + 1, signal)
  const counters = { inputs: 0, rejected: 0 }
  const crew: Crew = { url, seed, tokens: new BotTokens(options.tokens), signal, log, online: 0, counters }
  log(`${count} bots connect to ${url}`)
  const bots = [report(crew)]
  for (let index = 0; index < count && !signal.aborted; index++) {
    const bot = live(crew, index)
    bot.catch(() => failed.abort())
    bots.push(bot)
    await pause(START_EVERY_MS, signal)
  }
  for (const outcome of await Promise.allSettled(bots)) if (outcome.status === 'rejected') throw outcome.reason
}

/** What the bots of one process share. */
interface Crew {
  readonly url: string
  readonly seed: string
  readonly tokens: BotTokens
  readonly signal: AbortSignal
  readonly log: (line: string) => void
  readonly counters: BotCounters
  online: number
}

/** One bot: connects, plays, and when the connection ends for good, connects anew. Only the signal ends it. */
async function live(crew: Crew, index: number): Promise<void> {
  const { signal, tokens, url } = crew
  const name = `bot-${index}`
  const prng = new Prng(`${crew.seed}/${name}`)
  const remember = tokens.of(name)
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      const connecting = connect<Frontier>(url, { guest: true, remember, client: 'bot', random: () => prng.float() })
      const client = await unlessAborted(connecting, signal)
      if (client === undefined) {
        connecting.then((late) => late.close()).catch(() => {})
        return
      }
      // A client ends by itself only for a lasting reason, like a second process with the same tokens.
      attempt = ATTEMPTS_AFTER_END
      crew.online++
      try {
        await play(client, prng, crew.counters, signal)
      } finally {
        crew.online--
        await client.close()
      }
    } catch (thrown) {
      if (!(thrown instanceof TerraneError)) throw thrown
      // Fifty bots meet the same trouble; one tells it.
      if (index === 0) crew.log(`${name}: ${thrown.code}: ${thrown.message}`)
    }
    await pause(
      backoffMs(attempt, () => prng.float(), RETRY_MS_BASE, RETRY_MS_MAX),
      signal,
    )
  }
}

async function report(crew: Crew): Promise<void> {
  const { counters, signal } = crew
  while (!signal.aborted) {
    const before = { ...counters }
    await pause(REPORT_EVERY_MS, signal)
    const perSecond = ((counters.inputs - before.inputs) * 1_000) / REPORT_EVERY_MS
    const rejected = counters.rejected - before.rejected
    if (!signal.aborted) crew.log(`${crew.online} bots online, ${perSecond.toFixed(1)} inputs/s, ${rejected} rejected`)
  }
}
