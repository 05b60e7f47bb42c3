import { parentPort, workerData } from 'node:worker_threads'
import { messageOf, TerraneError } from '@terrane/core'
import { loadGalaxy, type Region, type RegionRequest } from './load-galaxy.js'

/** A thread that generates regions, one after the other, as it is asked to. */
export interface WorkerOptions {
  readonly world: string
  readonly batchSize: number
}

export type WorkerAnswer =
  | {
      readonly type: 'phase'
      readonly region: string
      readonly phase: number
      readonly of: number
      readonly name: string
    }
  | { readonly type: 'region'; readonly region: Region }
  | { readonly type: 'failure'; readonly code: string; readonly message: string; readonly hint: string | undefined }

const port = parentPort
const { world, batchSize } = workerData as WorkerOptions
const galaxy = await loadGalaxy(world)

function answer(message: WorkerAnswer): void {
  port?.postMessage(message)
}

port?.on('message', (request: RegionRequest) => {
  try {
    const onPhase = (region: string, phase: number, of: number, name: string) =>
      answer({ type: 'phase', region, phase, of, name })
    const region = galaxy.generateRegion(request, { batchSize, now: () => performance.now(), onPhase })
    answer({ type: 'region', region })
  } catch (error) {
    const { code, hint } = error instanceof TerraneError ? error : { code: 'unexpected', hint: undefined }
    answer({ type: 'failure', code, message: messageOf(error), hint })
  }
})
