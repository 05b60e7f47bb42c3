import { setTimeout as delay } from 'node:timers/promises'
import { type Message, serveParent, tell } from '../child.js'
import { MARKS_PER_PAGE } from './kinds.js'
import { cleanVerdict, judgeMarks, lettersOf, type Testimony } from './outcomes.js'
import type { Player } from './player.js'

/** How much is played. */
export interface LoadOptions {
  readonly clients: number
  /** Of all clients together. */
  readonly inputsPerSecond: number
}

export interface LoadStatus extends Message {
  readonly online: number
  readonly durable: number
  readonly rejected: number
  readonly rssBytes: number
  /** When the last player came online of those that were away, ms since the epoch; it stays when they leave again. */
  readonly allOnlineAt: number
  /** Inputs acknowledged as durable, by player. */
  readonly acknowledged: Readonly<Record<string, number>>
  readonly failures: readonly string[]
}

const JOINS_AT_ONCE = 20
const TICK_MS = 5
/** How far a load that was kept from the processor makes up for it, ms. */
const BACKLOG_MS_MAX = 250
const SETTLE_MS_MAX = 60_000
/** Several publications of state. */
const REPLICA_MS_MAX = 10_000

/** Joins the players, then plays until the parent process asks to finish. For a process of its own. */
export async function serveLoad(options: LoadOptions, join: (index: number) => Promise<Player>): Promise<void> {
  const load = new Load(options)
  serveParent(async (request) => (request.ask === 'finish' ? { testimonies: await load.finish() } : load.status()))
  await load.join(join)
  tell({ ready: true })
  await load.play()
}

class Load {
  readonly #options: LoadOptions
  readonly #players: Player[] = []
  #isPlaying = true
  #allOnlineAt = 0

  constructor(options: LoadOptions) {
    this.#options = options
  }

  async join(join: (index: number) => Promise<Player>): Promise<void> {
    const { clients } = this.#options
    for (let i = 0; i < clients; i += JOINS_AT_ONCE) {
      const joining = Array.from({ length: Math.min(JOINS_AT_ONCE, clients - i) }, (_, j) => join(i + j))
      this.#players.push(...(await Promise.all(joining)))
    }
    for (const { client } of this.#players) {
      client.on('status', () => {
        if (this.#online === this.#players.length) this.#allOnlineAt = Date.now()
      })
    }
  }

  /** Inputs at a steady rate, the players taking turns. */
  async play(): Promise<void> {
    const players = this.#players
    let next = 0
    let sentAtMs = performance.now()
    const everyMs = 1_000 / this.#options.inputsPerSecond
    while (this.#isPlaying) {
      const nowMs = performance.now()
      sentAtMs = Math.max(sentAtMs, nowMs - BACKLOG_MS_MAX)
      for (; sentAtMs < nowMs; sentAtMs += everyMs) players[next++ % players.length]?.play()
      await delay(TICK_MS)
    }
  }

  status(): LoadStatus {
    const players = this.#players
    return {
      online: this.#online,
      allOnlineAt: this.#allOnlineAt,
      durable: players.reduce((sum, { durable }) => sum + durable, 0),
      rejected: players.reduce((sum, { rejected }) => sum + rejected, 0),
      rssBytes: process.memoryUsage.rss(),
      acknowledged: Object.fromEntries(players.map(({ client, durable }) => [client.player, durable])),
      failures: players.flatMap(({ failures }) => failures).slice(0, 10),
    }
  }

  async finish(): Promise<Testimony[]> {
    this.#isPlaying = false
    const players = this.#players
    await Promise.race([
      // A client that has given up settles nothing more: its inputs count as unsettled.
      Promise.allSettled(players.map(({ client }) => client.drained())),
      delay(SETTLE_MS_MAX),
    ])
    const testimonies = await Promise.all(players.map(testimonyOf))
    await Promise.all(players.map(({ client }) => client.close()))
    return testimonies
  }

  get #online(): number {
    return this.#players.filter(({ client }) => client.status === 'online').length
  }
}

/** State arrives a moment after the acks: waits until the replica shows all that was acknowledged. */
async function testimonyOf(player: Player): Promise<Testimony> {
  const { client, outcomes } = player
  const letters = lettersOf(outcomes)
  const deadlineMs = performance.now() + REPLICA_MS_MAX
  for (;;) {
    const testimony = { player: client.player, outcomes: letters, pages: pagesOf(player) }
    const verdict = cleanVerdict()
    judgeMarks(testimony, testimony.pages, MARKS_PER_PAGE, verdict)
    if (verdict.lost === 0 || performance.now() > deadlineMs) return testimony
    await delay(50)
  }
}

function pagesOf({ client, marks }: Player): Record<string, string> {
  const pages: Record<string, string> = {}
  for (const { owner, page, counts } of marks.all()) if (owner === client.player) pages[page] = counts
  return pages
}
