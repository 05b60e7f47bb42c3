import { Worker } from 'node:worker_threads'
import { TerraneError } from '@terrane/core'
import type { WorkerAnswer, WorkerOptions } from './generate-worker.js'
import type { Region, RegionRequest } from './load-galaxy.js'

export type OnPhase = (region: string, phase: number, of: number, name: string) => void

/**
 * Generates regions on several threads, in the order of the requests: no region depends on another, so the result is
 * the same for any number of threads. Rejects with the first failure.
 */
export async function generateInThreads(
  requests: readonly RegionRequest[],
  threads: number,
  options: WorkerOptions,
  onPhase: OnPhase,
): Promise<Region[]> {
  const script = new URL('./generate-worker.js', import.meta.url)
  const count = Math.min(threads, requests.length)
  const workers = Array.from({ length: count }, () => new Worker(script, { workerData: options }))
  const regions: Region[] = []
  let next = 0
  const work = async (worker: Worker) => {
    for (let index = next++; index < requests.length; index = next++) {
      regions[index] = await generateOne(worker, requests[index] as RegionRequest, onPhase)
    }
  }
  try {
    await Promise.all(workers.map(work))
    return regions
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

function generateOne(worker: Worker, request: RegionRequest, onPhase: OnPhase): Promise<Region> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      worker.removeAllListeners('message').removeAllListeners('error')
      finish()
    }
    worker.on('message', (answer: WorkerAnswer) => {
      if (answer.type === 'phase') onPhase(answer.region, answer.phase, answer.of, answer.name)
      else if (answer.type === 'region') settle(() => resolve(answer.region))
      else settle(() => reject(new TerraneError(answer.code, answer.message, hintOf(answer.hint))))
    })
    worker.once('error', (error) => settle(() => reject(error)))
    worker.postMessage(request)
  })
}

function hintOf(hint: string | undefined): { hint?: string } {
  return hint === undefined ? {} : { hint }
}
