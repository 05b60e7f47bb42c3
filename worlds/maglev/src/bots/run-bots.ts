import { setMaxListeners } from 'node:events'
import { type BotsRequest, BotTokens, pause, unlessAborted } from '@terrane/client/bots'
import { backoffMs, Prng, TerraneError } from '@terrane/core'
import { CREW_MAX, TERMINAL } from '../rules.js'
import { deviceOf, playWith } from './devices.js'
import { Passenger } from './passenger.js'

/** More would find no place in the crew. */
export const BOTS_MAX = CREW_MAX

/** Bots come in one after the other, so that a start is not a storm of connections. */
const START_EVERY_MS = 20
/** Pauses before a bot that was turned away connects again. */
const RETRY_MS_BASE = 500
const RETRY_MS_MAX = 15_000
/** Between missions: time to see how the last one went. */
const LOBBY_MS = 3_000
const LOOK_EVERY_MS = 500

/** Bots that play mission after mission until the signal fires. Rejects, and ends them, on a bug of theirs. */
export async function runBots(request: BotsRequest): Promise<void> {
  const { url, count, log } = request
  const failed = new AbortController()
  const signal = AbortSignal.any([request.signal, failed.signal])
  // Every bot waits on the signal, for two things at most.
  setMaxListeners(2 * count + 1, signal)
  const tokens = new BotTokens(request.tokens)
  log(`${count} bots connect to ${url}`)
  const bots: Promise<void>[] = []
  for (let index = 0; index < count && !signal.aborted; index++) {
    const bot = live({ ...request, signal }, tokens, index)
    bot.catch(() => failed.abort())
    bots.push(bot)
    await pause(START_EVERY_MS, signal)
  }
  for (const outcome of await Promise.allSettled(bots)) if (outcome.status === 'rejected') throw outcome.reason
}

/** One bot: connects, plays, and when its connections end for good, connects anew. Only the signal ends it. */
async function live({ url, count, seed = 'bots', signal, log }: BotsRequest, tokens: BotTokens, index: number) {
  const name = `bot-${index}`
  const prng = new Prng(`${seed}/${name}`)
  const remember = tokens.of(name)
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      const boarding = Passenger.board(url, { remember, client: 'bot', random: () => prng.float() })
      const passenger = await unlessAborted(boarding, signal)
      if (passenger === undefined) {
        boarding.then((late) => late.close()).catch(() => {})
        return
      }
      attempt = 0
      const stop = playWith(deviceOf(index, count), passenger, index, prng)
      try {
        await keepMissionsComing(passenger, index, signal)
      } finally {
        stop()
        await passenger.close()
      }
    } catch (thrown) {
      if (!(thrown instanceof TerraneError)) throw thrown
      // All meet the same trouble; one tells it.
      if (index === 0) log(`${name}: ${thrown.code}: ${thrown.message}`)
    }
    const delayMs = backoffMs(attempt, () => prng.float(), RETRY_MS_BASE, RETRY_MS_MAX)
    await pause(delayMs, signal)
  }
}

/** Starts a mission when none was started for a while; the first bot does, and if it is not there the next. */
async function keepMissionsComing(passenger: Passenger, index: number, signal: AbortSignal): Promise<void> {
  let lobbyMs = 0
  while (!signal.aborted && !passenger.isClosed) {
    await pause(LOOK_EVERY_MS, signal)
    const terminal = passenger.cars[TERMINAL]
    const isLobby = passenger.isOnline && terminal.tables.cars.get(TERMINAL)?.phase === 'lobby'
    lobbyMs = isLobby ? lobbyMs + LOOK_EVERY_MS : 0
    if (lobbyMs < LOBBY_MS + index * LOOK_EVERY_MS || terminal.room === 0) continue
    lobbyMs = 0
    // Somebody else may have been quicker.
    await unlessAborted(terminal.inputs.start().applied, signal).catch((thrown) => {
      if (!(thrown instanceof TerraneError)) throw thrown
    })
  }
}
