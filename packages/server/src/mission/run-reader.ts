import { Worker } from 'node:worker_threads'
import type { ConnectionSettings } from '@terrane/store-postgres'

export interface RunRequest {
  /** Gives id, cores and end of those runs of `$1`, an array of ids, that are there. */
  readonly sql: string
  readonly ids: readonly string[]
  /** When the runs can be there at the earliest, and from when on they count as lost, ms since the Unix epoch. */
  readonly fromMs: number
  readonly lostMs: number
}

export interface SeenRun {
  /** From the mission's end until the run was seen, ms. */
  readonly visibleMs: number
  readonly cores: number
}

/** Watches the database for runs, on a thread of its own. */
export class RunReader {
  readonly #worker: Worker
  readonly #ended: Promise<void>
  readonly #failure: Promise<never>

  constructor(settings: ConnectionSettings) {
    this.#worker = new Worker(new URL('./run-reader-worker.js', import.meta.url), { workerData: settings })
    this.#failure = new Promise((_, reject) => {
      this.#worker.once('error', reject)
    })
    // Whoever calls next hears of it; until then it must not count as unhandled.
    this.#failure.catch(() => {})
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => resolve())
    })
  }

  /** Resolves when all are there or lost: with those that are there. One call at a time. Rejects as the database does. */
  see(request: RunRequest): Promise<SeenRun[]> {
    const answer = new Promise<SeenRun[]>((resolve) => {
      this.#worker.once('message', resolve)
    })
    this.#worker.postMessage(request)
    return Promise.race([answer, this.#failure])
  }

  async close(): Promise<void> {
    this.#worker.postMessage('end')
    await this.#ended
  }
}
