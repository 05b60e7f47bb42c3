import type { ServerStats } from '@terrane/protocol'
import { Store } from '../app/store.js'
import { StatsHistory } from './history.js'

const EVERY_MS = 1_000
const TIMEOUT_MS = 4_000

/** Asks the server for its figures once a second, as long as the page can be seen. */
export class StatsFeed {
  readonly history = new StatsHistory()
  /** The latest figures; undefined while the server does not answer. */
  readonly latest = new Store<ServerStats | undefined>(undefined)
  /** How long the last answer took, ms. */
  roundTripMs: number | undefined
  /** Server time minus this page's, ms. */
  clockOffsetMs = 0
  readonly #url: string
  #timer: ReturnType<typeof setTimeout> | undefined
  #stopped = false

  constructor(url: string) {
    this.#url = url
  }

  start(): void {
    void this.#poll()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  get serverNowMs(): number {
    return Date.now() + this.clockOffsetMs
  }

  async #poll(): Promise<void> {
    const startedAt = performance.now()
    if (!document.hidden) {
      const stats = await this.#ask()
      if (this.#stopped) return
      this.roundTripMs = stats === undefined ? undefined : performance.now() - startedAt
      if (stats !== undefined) {
        this.clockOffsetMs = stats.at - Date.now()
        this.history.push(stats)
      }
      this.latest.set(stats)
    }
    this.#timer = setTimeout(() => void this.#poll(), Math.max(100, EVERY_MS - (performance.now() - startedAt)))
  }

  async #ask(): Promise<ServerStats | undefined> {
    try {
      const response = await fetch(this.#url, { signal: AbortSignal.timeout(TIMEOUT_MS), cache: 'no-store' })
      return response.ok ? ((await response.json()) as ServerStats) : undefined
    } catch {
      return undefined
    }
  }
}
