import { Histogram } from '@terrane/core'
import { childOptions, serveParent, tell } from '../../child.js'
import type { CreateFanoutClient, FanoutClient, ServerReady, Workload } from '../contract.js'
import { nowMicros, readStamps } from '../stamp.js'
import { LoadSocket } from './socket.js'

/**
 * All clients of a run, in one process on one core. To stay cheaper than the server it counts frames
 * and looks into one client of about a hundred only: there it reads the time stamps, and lets the
 * contender's own decoder follow the state where a figure needs it.
 */
export interface LoadOptions {
  clientModule: string
  workload: Workload
  ready: ServerReady
  /** Every so-manieth client is sampled. */
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

const JOINS_AT_ONCE = 32
const FIRST_UPDATE_TIMEOUT_MS = 60_000

interface Player {
  client: FanoutClient
  socket: LoadSocket | undefined
  updates: number
  lastStamp: number
  joined: () => void
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

  /** Adds or drops clients until there are so many. Resolves when each has got its first update. */
  async resize(count: number): Promise<void> {
    for (const player of this.#players.splice(count)) player.socket?.close()
    const joins: Promise<void>[] = []
    let next = this.#players.length
    const worker = async (): Promise<void> => {
      while (next < count) joins.push(await this.#join(next++))
    }
    await Promise.all(Array.from({ length: JOINS_AT_ONCE }, worker))
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`not every client got state within ${FIRST_UPDATE_TIMEOUT_MS / 1000} s ${this.#lostReason}`))
      }, FIRST_UPDATE_TIMEOUT_MS)
    })
    await Promise.race([Promise.all(joins), late])
    clearTimeout(timer)
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
    const visible = this.#players.flatMap(({ client }) => (client.visible === undefined ? [] : [client.visible()]))
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

  /** Resolves when connected; to a promise (in a tuple's stead: wrapped by the async) of the first update. */
  async #join(index: number): Promise<Promise<void> & void> {
    const { ready, workload, sampleEvery } = this.#options
    const sampled = index % sampleEvery === 0
    const client = this.#create({ workload, index, sampled, ready })
    const player: Player = { client, socket: undefined, updates: 0, lastStamp: 0, joined: () => {} }
    void player
    throw new Error('replaced below')
  }
}
