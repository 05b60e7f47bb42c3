/** The players of the chaos test, in a process of their own. */
import { setTimeout as delay } from 'node:timers/promises'
import { Prng } from '@terrane/core'
import { childOptions, type Message, serveParent, tell } from '../child.js'
import { MARKS_PER_PAGE } from './kinds.js'
import { cleanVerdict, judgeMarks, lettersOf, type Testimony } from './outcomes.js'
import { Player } from './player.js'

export interface LoadOptions {
  readonly url: string
  readonly clients: number
  /** Of all clients together. */
  readonly inputsPerSecond: number
  readonly seed: string
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

const options = childOptions<LoadOptions>()
const random = new Prng(`load ${options.seed}`)
const players: Player[] = []
let isPlaying = true
let allOnlineAt = 0

serveParent(async (request) => {
  if (request.ask === 'finish') return { testimonies: await finish() }
  return status()
})
for (let i = 0; i < options.clients; i += JOINS_AT_ONCE) {
  const joining = Array.from({ length: Math.min(JOINS_AT_ONCE, options.clients - i) }, (_, j) =>
    Player.join(options.url, random.fork(`player ${i + j}`)),
  )
  players.push(...(await Promise.all(joining)))
}
for (const { client } of players) {
  client.on('status', () => {
    if (online() === players.length) allOnlineAt = Date.now()
  })
}
tell({ ready: true })
void play()

/** Inputs at a steady rate, the players taking turns. */
async function play(): Promise<void> {
  let next = 0
  let sentAtMs = performance.now()
  const everyMs = 1_000 / options.inputsPerSecond
  while (isPlaying) {
    const nowMs = performance.now()
    sentAtMs = Math.max(sentAtMs, nowMs - BACKLOG_MS_MAX)
    for (; sentAtMs < nowMs; sentAtMs += everyMs) players[next++ % players.length]?.play()
    await delay(TICK_MS)
  }
}

function status(): LoadStatus {
  return {
    online: online(),
    allOnlineAt,
    durable: sum((player) => player.durable),
    rejected: sum((player) => player.rejected),
    rssBytes: process.memoryUsage.rss(),
    acknowledged: Object.fromEntries(players.map(({ client, durable }) => [client.player, durable])),
    failures: players.flatMap(({ failures }) => failures).slice(0, 10),
  }
}

function online(): number {
  return players.reduce((count, { client }) => count + (client.status === 'online' ? 1 : 0), 0)
}

async function finish(): Promise<Testimony[]> {
  isPlaying = false
  await Promise.race([
    // A client that has given up settles nothing more: its inputs count as unsettled.
    Promise.allSettled(players.map(({ client }) => client.drained())),
    delay(SETTLE_MS_MAX),
  ])
  const testimonies = await Promise.all(players.map(testimonyOf))
  await Promise.all(players.map(({ client }) => client.close()))
  return testimonies
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

function pagesOf({ client }: Player): Record<string, string> {
  const pages: Record<string, string> = {}
  for (const { owner, page, counts } of client.tables.marks.all()) if (owner === client.player) pages[page] = counts
  return pages
}

function sum(of: (player: Player) => number): number {
  return players.reduce((total, player) => total + of(player), 0)
}
