import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { type JobHold, type JobsDatabase, openJobsDatabase } from '@terrane/store-postgres'
import { dropEnded, JobsAtWork, type Rates } from './in-process.js'

const LEASE_MS = 600_000

/** Jobs of the runtime as rows, into which it saves what was accepted, as fast as the database takes it. */
class Checkpoints {
  readonly #database: JobsDatabase
  readonly #holds = new Map<string, JobHold>()
  #isStopping = false
  saves = 0
  bytes = 0

  constructor(database: JobsDatabase) {
    this.#database = database
  }

  async take(name: string): Promise<void> {
    const id = randomUUID()
    const texts = { userId: 'bench', simConfig: '{}', sentinelConfig: '{}', revision: 'bench' }
    await this.#database.jobs.create({ id, ...texts, meta: {}, priority: 0 })
    const taken = await this.#database.jobs.take(id, 'bench', LEASE_MS)
    if (taken === undefined) throw new Error('a job could not be taken')
    this.#holds.set(name, taken.hold)
  }

  /** Until `stop`, whatever has changed, one after the other. */
  async run({ runtime }: JobsAtWork): Promise<void> {
    while (!this.#isStopping) {
      for (const name of runtime.changedJobs()) {
        if (this.#isStopping) return
        const snapshot = runtime.snapshot(name)
        const hold = this.#holds.get(name)
        if (snapshot === undefined || hold === undefined) continue
        const bytes = Buffer.from(JSON.stringify(snapshot))
        const kept = await this.#database.jobs.saveCheckpoints([{ hold, checkpoint: bytes }])
        if (!kept.has(hold.id)) throw new Error('a checkpoint was refused')
        this.saves++
        this.bytes += bytes.length
      }
      await setImmediate()
    }
  }

  stop(): void {
    this.#isStopping = true
  }
}

/** Cycles while everything that was accepted is saved in the background. */
export async function measureCheckpointed(
  url: string,
  { jobs, chunks }: { jobs: number; chunks: number },
): Promise<Rates & { saves: number; bytesPerSave: number }> {
  const database = await openJobsDatabase({ url })
  try {
    const checkpoints = new Checkpoints(database)
    const work = new JobsAtWork(0, 0)
    // Enough for all, so that what is measured is giving out and taking in.
    for (let i = 0; i < jobs; i++) await checkpoints.take(work.add(Math.ceil((2 * chunks) / jobs)).id)
    const saving = checkpoints.run(work)
    const rates = await work.cyclesPerSecond(chunks, () => dropEnded(work.runtime))
    checkpoints.stop()
    await saving
    return { ...rates, saves: checkpoints.saves, bytesPerSave: checkpoints.bytes / Math.max(1, checkpoints.saves) }
  } finally {
    await database.close()
  }
}
