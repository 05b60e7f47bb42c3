import { setImmediate } from 'node:timers/promises'
import { type Job, JobRuntime, type Moments, mergeMoments, type ResultPort } from '@terrane/jobs'
import { threadCpuMs } from '../cpu.js'

/** Units of a chunk. What they come to does not matter here: only who has which, and what was accepted. */
const CHUNK_UNITS = 50
/** Chunks that a node asks for, and brings, at a time. */
const BATCH = 64
const NODES = 64

const results: ResultPort<Moments> = {
  merge: mergeMoments,
  momentsOf: (moments) => moments,
  objection: () => undefined,
}

/** Claims and completions per second: of this thread's time on a core, and by the clock. */
export interface Rates {
  readonly perSecond: number
  readonly perWallSecond: number
}

/** Jobs of so many chunks each, and nodes that have room for all of them. */
export class JobsAtWork {
  readonly runtime = new JobRuntime<Moments>({
    results,
    circleOf: () => ({ guild: new Set(), friends: new Set() }),
    random: Math.random,
    limits: { leaseMsMin: 3_600_000, leaseMsMax: 3_600_000 },
  })
  readonly nodes = Array.from({ length: NODES }, (_, number) => `node ${number}`)
  #jobs = 0

  /** @param chunks per job */
  constructor(jobs: number, chunks: number) {
    for (const [number, id] of this.nodes.entries()) {
      const cores = 1_000_000
      this.runtime.registerNode({ id, owner: `user ${number}`, totalCores: cores, maxParallel: cores, share: 'public' })
    }
    for (let i = 0; i < jobs; i++) this.add(chunks)
  }

  add(chunks: number): Job {
    const number = this.#jobs++
    const job: Job = {
      id: `job ${number}`,
      owner: `owner ${number % 100}`,
      epoch: 1,
      workHash: 'hash',
      strategy: { kind: 'single', units: chunks * CHUNK_UNITS },
      chunks,
    }
    this.runtime.add(job)
    return job
  }

  /** Gives out that many chunks, which stay in flight. */
  fill(chunks: number): void {
    for (let given = 0, i = 0; given < chunks; i++) {
      const batch = this.runtime.claimBatch(
        this.nodes[i % NODES] as string,
        Math.min(1_000, chunks - given),
        Date.now(),
      )
      if (batch.length === 0) throw new Error('there is no more work to give out')
      given += batch.length
    }
  }

  /** One node claims a batch and brings it. @returns chunks */
  turn(node: string): number {
    const now = Date.now()
    const claims = this.runtime.claimBatch(node, BATCH, now)
    for (const { jobId, token, workHash, from, to } of claims) {
      const result = { count: to - from, mean: from, m2: 1 }
      const outcome = this.runtime.complete({ jobId, token, workHash, node, result, digest: token }, now)
      if (outcome.kind !== 'accepted') throw new Error(`a completion was ${outcome.kind}`)
    }
    return claims.length
  }

  /**
   * Claims and completions per second, over so many chunks. Between turns whatever else there is to do has its chance.
   * @param refill called when nobody has work left
   */
  async cyclesPerSecond(chunks: number, refill: () => void): Promise<Rates> {
    const startedAt = performance.now()
    const startedCpuMs = threadCpuMs()
    let yieldedAt = startedAt
    for (let done = 0, i = 0; done < chunks; i++) {
      const cycles = this.turn(this.nodes[i % NODES] as string)
      done += cycles
      if (cycles === 0) refill()
      if (performance.now() - yieldedAt < 1) continue
      await setImmediate()
      yieldedAt = performance.now()
    }
    return {
      perSecond: (chunks * 1_000) / (threadCpuMs() - startedCpuMs),
      perWallSecond: (chunks * 1_000) / (performance.now() - startedAt),
    }
  }
}

/** Ends of jobs are taken note of as a sentinel does: the outcome is read, then the job is dropped. */
export function dropEnded<R>(runtime: JobRuntime<R>): void {
  for (const id of runtime.jobs()) if (runtime.outcome(id) !== undefined) runtime.remove(id)
}
