import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds, cpuWaitSeconds, rssBytes } from '../cpu.js'
import { BenchChild, sibling } from '../processes.js'
import type { Contender, ServerReady, Workload } from './contract.js'
import type { LoadFigures, LoadOptions } from './load/load-process.js'

const SERVER_CORE = 0
const LOAD_CORE = 1
const START_TIMEOUT_MS = 60_000
const RESIZE_TIMEOUT_MS = 180_000
const ANSWER_TIMEOUT_MS = 60_000
const SETTLE_MS = 500
/** About 1 %; a prime, so that over the cells every place in the order of sending has its turn. */
const SAMPLE_EVERY = 97
/** Runs of few updates (tiny ones, the open world) sample more, for enough of them. */
const SAMPLED_MIN = 25
const SAMPLE_ALL_BELOW_PER_SECOND = 50_000

export interface Measurement extends LoadFigures {
  clients: number
  /** Time of all threads of the server, per update that arrived. */
  cpuMicrosPerUpdate: number
  /** Share of its core that the server used. */
  serverBusy: number
  /** Share of the time for which it was ready to run while its core was taken by somebody else. */
  serverWaited: number
  /** Updates that arrived, of those that the workload's rate asks for; and for the client that got fewest. */
  deliveredPercent: number
  slowestPercent: number
  bytesPerUpdate: number
}

/** One contender's server and its load, in a process and on a core each. */
export class Arena {
  readonly #server: BenchChild
  readonly #load: BenchChild
  readonly #workload: Workload
  readonly #rssEmpty: number
  #clients = 0
  #started = false

  private constructor(server: BenchChild, load: BenchChild, workload: Workload) {
    this.#server = server
    this.#load = load
    this.#workload = workload
    this.#rssEmpty = rssBytes(server.pid)
  }

  static async start(contender: Contender, workload: Workload, pin: boolean): Promise<Arena> {
    const server = new BenchChild(
      {
        name: contender.name,
        script: contender.serverScript,
        options: workload,
        core: SERVER_CORE,
        env: { NODE_ENV: 'production', ...contender.env },
      },
      pin,
    )
    let load: BenchChild | undefined
    try {
      const ready = (await server.next(START_TIMEOUT_MS)) as ServerReady
      await sleep(SETTLE_MS)
      const clients = workload.kind === 'rooms' ? workload.connections : workload.clients
      const options: LoadOptions = {
        clientModule: contender.clientModule.href,
        workload,
        ready,
        sampleEvery:
          clients * workload.hz < SAMPLE_ALL_BELOW_PER_SECOND
            ? 1
            : Math.min(SAMPLE_EVERY, Math.ceil(clients / SAMPLED_MIN)),
      }
      const script = sibling('./load/load-process', import.meta.url)
      load = new BenchChild({ name: `${contender.name} load`, script, options, core: LOAD_CORE }, pin)
      await load.next(START_TIMEOUT_MS)
      return new Arena(server, load, workload)
    } catch (error) {
      await Promise.all([server.stop(), load?.stop()])
      throw error
    }
  }

  async resize(clients: number): Promise<void> {
    await this.#load.request({ command: 'resize', clients }, RESIZE_TIMEOUT_MS)
    this.#clients = clients
    if (!this.#started) await this.#server.request({ command: 'start' }, ANSWER_TIMEOUT_MS)
    this.#started = true
    await this.#load.request({ command: 'joined' }, ANSWER_TIMEOUT_MS)
  }

  async measure(warmupMs: number, measureMs: number): Promise<Measurement> {
    await sleep(warmupMs)
    await this.#load.request({ command: 'begin' }, ANSWER_TIMEOUT_MS)
    const cpuBefore = cpuSeconds(this.#server.pid)
    const waitBefore = cpuWaitSeconds(this.#server.pid)
    await sleep(measureMs)
    const cpu = cpuSeconds(this.#server.pid) - cpuBefore
    const waited = cpuWaitSeconds(this.#server.pid) - waitBefore
    const answer = await this.#load.request({ command: 'end' }, ANSWER_TIMEOUT_MS)
    const figures = answer as unknown as LoadFigures
    const nominal = this.#workload.hz * figures.seconds
    return {
      ...figures,
      clients: this.#clients,
      cpuMicrosPerUpdate: (cpu * 1e6) / figures.updates,
      serverBusy: cpu / figures.seconds,
      serverWaited: waited / figures.seconds,
      deliveredPercent: (100 * figures.updates) / (nominal * this.#clients),
      slowestPercent: (100 * figures.updatesMin) / nominal,
      bytesPerUpdate: figures.bytes / figures.updates,
    }
  }

  /** What the server's resident memory has grown by since it was empty, per client. */
  memoryPerClient(): number {
    return (rssBytes(this.#server.pid) - this.#rssEmpty) / this.#clients
  }

  async stop(): Promise<void> {
    await Promise.all([this.#load.stop(), this.#server.stop()])
  }
}
