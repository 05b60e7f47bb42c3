import { messageOf, TerraneError } from '@terrane/core'
import { Computation, type Piece } from '../work/compute.js'
import { decodeContext } from '../work/work-context.js'

/** To a worker. Texts come once; later tasks name them by their hashes. */
export interface WorkerTask {
  readonly id: number
  readonly workHash: string
  readonly gameDataHash: string
  readonly piece: Piece
  readonly texts: Readonly<Record<string, string>>
}

export type WorkerAnswer =
  | { readonly id: number; readonly result: Uint8Array; readonly elapsedMs: number }
  | { readonly id: number; readonly code: string; readonly message: string }

/** Jobs whose compiled plans a worker keeps. */
const COMPUTATIONS_MAX = 4
/** Texts that a worker keeps; the pool sends one again before so many others have come. */
const TEXTS_MAX = 128

/** What a worker does with its tasks, in a thread or in a browser: one after the other. */
export function createWorker(now: () => number): (task: WorkerTask) => Promise<WorkerAnswer> {
  const texts = new Map<string, string>()
  const computations = new Map<string, Computation>()
  return async ({ id, workHash, gameDataHash, piece, texts: fresh }) => {
    try {
      for (const [hash, text] of Object.entries(fresh)) {
        if (texts.size >= TEXTS_MAX) texts.delete(texts.keys().next().value ?? '')
        texts.set(hash, text)
      }
      let computation = computations.get(workHash)
      if (computation === undefined) {
        const context = await decodeContext(texts.get(workHash) ?? '', workHash)
        computation = new Computation(context, texts.get(gameDataHash) ?? '')
        if (computations.size >= COMPUTATIONS_MAX) computations.delete(computations.keys().next().value ?? '')
        computations.set(workHash, computation)
      }
      const startedAt = now()
      const result = computation.run(piece)
      return { id, result, elapsedMs: now() - startedAt }
    } catch (error) {
      return { id, code: error instanceof TerraneError ? error.code : 'computation_failed', message: messageOf(error) }
    }
  }
}
