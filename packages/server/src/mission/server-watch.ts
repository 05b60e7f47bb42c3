import { CARS } from '@terrane/world-maglev'
import { ANSWER_MS_MAX, readMetrics } from './metrics-reader.js'

interface ZoneLine {
  readonly id: string
  readonly epoch: number
  readonly ops: {
    readonly clock: Readonly<Record<string, number>>
    readonly buffered: number
    readonly deadLetters: number
  }
}

const EVERY_MS = 500
const MIB = 1024 * 1024

/** Looks at the server twice a second: vector clocks must not go back, and neither it nor its cars begin anew. */
export class ServerWatch {
  readonly #url: string
  readonly #clocks = new Map<string, Readonly<Record<string, number>>>()
  readonly #epochs = new Map<string, number>()
  #startedAt: number | undefined
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()
  #memoryMiB: number[] = []
  samples = 0
  regressions = 0
  restarts = 0
  bufferedMax = 0
  deadLetters = 0
  residentMiB = 0

  constructor(url: string) {
    this.#url = url
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#looking = this.#look()
        // A server that does not answer is as good as one that began anew.
        .catch(() => void this.restarts++)
        .finally(() => {
          if (this.#timer !== undefined) this.start()
        })
    }, EVERY_MS)
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#looking
  }

  /**
   * The least that was in use since this was asked last, MiB: what a collection of garbage leaves. The resident size
   * says less, since V8 keeps room that it has once had.
   */
  takeMemoryMiB(): number {
    const least = Math.min(...this.#memoryMiB)
    this.#memoryMiB = []
    return least
  }

  async #look(): Promise<void> {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX)
    const [metrics, answer] = await Promise.all([readMetrics(this.#url), fetch(`${this.#url}/api/zones`, { signal })])
    const { zones } = (await answer.json()) as { zones: readonly ZoneLine[] }
    const bytesOf = (name: string) => metrics.get(name) ?? Number.NaN
    this.#memoryMiB.push((bytesOf('nodejs_heap_size_used_bytes') + bytesOf('nodejs_external_memory_bytes')) / MIB)
    this.residentMiB = bytesOf('process_resident_memory_bytes') / MIB
    const startedAt = metrics.get('process_start_time_seconds')
    if (this.#startedAt !== undefined && this.#startedAt !== startedAt) this.restarts++
    this.#startedAt = startedAt
    this.see(zones)
  }

  /** What the server says of its zones. */
  see(zones: readonly ZoneLine[]): void {
    for (const { id, epoch, ops } of zones) {
      this.samples++
      const before = this.#clocks.get(id) ?? {}
      if (Object.entries(before).some(([zone, count]) => (ops.clock[zone] ?? 0) < count)) this.regressions++
      this.#clocks.set(id, ops.clock)
      this.bufferedMax = Math.max(this.bufferedMax, ops.buffered)
      // Persona zones are put away when nobody plays; cars stay.
      if (id in CARS && (this.#epochs.get(id) ?? epoch) !== epoch) this.restarts++
      this.#epochs.set(id, epoch)
    }
    this.deadLetters = zones.reduce((sum, { ops }) => sum + ops.deadLetters, 0)
  }
}
