import { Histogram, inTime, systemTimers } from '@terrane/core'
import { childOptions, serveParent, tell } from '../../child.js'
import type { CreateFanoutClient, FanoutClient, ServerReady, Wire, Workload } from '../contract.js'
import { nowMicros, readStamps } from '../stamp.js'
import { LoadSocket } from './socket.js'

/**
 * All clients of a run, in one process on one core. To stay cheaper than the server it counts frames
 * and looks inside those of some clients only: to read time stamps, and, in a few of the open world,
 * to follow the state with the contender's own decoder.
 */
export interface LoadOptions {
  clientModule: string
  workload: Workload
  ready: ServerReady
  /** In every so-manieth client the time stamps are read. */
  sampleEvery: number
}

export interface LoadFigures {
  seconds: number
  updates: number
  bytes: number
  /** Updates of the client that got fewest. */
  updatesMin: number
  samples: number
  p50Ms: number
  p99Ms: number
  maxMs: number
  /** Sampled updates whose count did not match the stamps in them, or whose stamp was not newer than the last. */
  suspect: number
  /** Connections lost since the start, and why the first one was. */
  lost: number
  lostReason: string
  /** Share of this process's core that it used. Near 1, figures are its own, not the server's. */
  busy: number
  /** Mean number of entities that sampled clients see; 0 in the rooms workload. */
  visible: number
}

const JOINS_AT_ONCE = 64
/** A decoder costs as much as fifty clients that only count. */
const DECODE_EVERY = 20
const FIRST_UPDATE_TIMEOUT_MS = 60_000

interface Player {
  client: FanoutClient
  socket: LoadSocket | undefined
  updates: number
  lastMicros: number
  /** Its first update has arrived. */
  readonly joined: Promise<void>
}

class Load {
  readonly #options: LoadOptions
  readonly #create: CreateFanoutClient
  readonly #players: Player[] = []
  readonly #latencies = new Histogram()
  #bytes = 0
  #suspect = 0
  #lost = 0
  #lostReason = ''
  #beganMicros = 0
  #cpuAtBegin = process.cpuUsage()

  constructor(options: LoadOptions, create: CreateFanoutClient) {
    this.#options = options
    this.#create = create
  }

  /** Adds or drops clients until so many are connected. */
  async resize(count: number): Promise<void> {
    for (const player of this.#players.splice(count)) player.socket?.close()
    let next = this.#players.length
    const worker = async (): Promise<void> => {
      while (next < count) await this.#join(next++)
    }
    await Promise.all(Array.from({ length: JOINS_AT_ONCE }, worker))
  }

  /** Resolves when state flows to every client. */
  async joined(): Promise<void> {
    const all = Promise.all(this.#players.map((player) => player.joined))
    const late = () =>
      new Error(`not every client got state within ${FIRST_UPDATE_TIMEOUT_MS / 1000} s ${this.#lostReason}`)
    await inTime(systemTimers, FIRST_UPDATE_TIMEOUT_MS, all, late)
  }

  begin(): void {
    for (const player of this.#players) player.updates = 0
    this.#latencies.reset()
    this.#bytes = 0
    this.#suspect = 0
    this.#beganMicros = nowMicros()
    this.#cpuAtBegin = process.cpuUsage()
  }

  end(): LoadFigures {
    const seconds = (nowMicros() - this.#beganMicros) / 1e6
    const cpu = process.cpuUsage(this.#cpuAtBegin)
    const visible = this.#players.flatMap(({ client }) => client.visible?.() ?? [])
    return {
      seconds,
      updates: this.#players.reduce((sum, player) => sum + player.updates, 0),
      bytes: this.#bytes,
      updatesMin: this.#players.reduce((least, player) => Math.min(least, player.updates), Number.MAX_SAFE_INTEGER),
      samples: this.#latencies.count,
      p50Ms: this.#latencies.quantile(0.5),
      p99Ms: this.#latencies.quantile(0.99),
      maxMs: this.#latencies.max,
      suspect: this.#suspect,
      lost: this.#lost,
      lostReason: this.#lostReason,
      busy: (cpu.user + cpu.system) / 1e6 / seconds,
      visible: visible.length === 0 ? 0 : visible.reduce((sum, count) => sum + count, 0) / visible.length,
    }
  }

  async #join(index: number): Promise<void> {
    const { ready, workload, sampleEvery } = this.#options
    const sampled = index % sampleEvery === 0
    const decode = workload.kind === 'world' && index % DECODE_EVERY === 0
    const client = this.#create({ workload, index, decode, ready })
    let gotState = (): void => {}
    const joined = new Promise<void>((resolve) => {
      gotState = resolve
    })
    const player: Player = { client, socket: undefined, updates: 0, lastMicros: 0, joined }
    const message = (bytes: Buffer, start: number, end: number): void => {
      const updates = client.message(wire, bytes, start, end)
      if (updates === 0) return
      player.updates += updates
      gotState()
      if (sampled) this.#sample(player, updates, bytes, start, end)
    }
    let wire: Wire
    const path = await client.prepare()
    player.socket = await LoadSocket.open(
      ready.port,
      path,
      (opened) => {
        wire = opened
        client.opened(opened)
      },
      {
        message,
        received: (bytes) => {
          this.#bytes += bytes
        },
        lost: (reason) => {
          this.#lost++
          this.#lostReason ||= reason
        },
      },
    )
    this.#players[index] = player
  }

  #sample(player: Player, updates: number, bytes: Buffer, start: number, end: number): void {
    const now = nowMicros()
    let stamps = 0
    readStamps(bytes, start, end, (micros) => {
      stamps++
      this.#latencies.record((now - micros) / 1000)
      if (micros <= player.lastMicros) this.#suspect++
      player.lastMicros = micros
    })
    if (stamps !== updates) this.#suspect++
  }
}

const options = childOptions<LoadOptions>()
const { createFanoutClient } = (await import(options.clientModule)) as { createFanoutClient: CreateFanoutClient }
const load = new Load(options, createFanoutClient)
serveParent(async (request) => {
  if (request.command === 'resize') await load.resize(Number(request.clients))
  else if (request.command === 'joined') await load.joined()
  else if (request.command === 'begin') load.begin()
  else if (request.command === 'end') return { ...load.end() }
  else throw new Error(`unknown command ${String(request.command)}`)
  return {}
})
tell({ ready: true })
