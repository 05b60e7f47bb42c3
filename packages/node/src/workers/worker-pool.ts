import { assert, TerraneError } from '@terrane/core'
import type { Piece } from '../work/compute.js'
import type { WorkerAnswer, WorkerTask } from './tasks.js'

/** A thread of Node's or a Web Worker. */
interface WorkerHandle {
  post(task: WorkerTask): void
  terminate(): void
}

/** Starts a worker. `onEnd` is called when it ends by itself, which it never should. */
export type StartWorker = (onAnswer: (answer: WorkerAnswer) => void, onEnd: (why: string) => void) => WorkerHandle

export interface PoolTask {
  readonly work: { readonly hash: string; readonly text: string }
  readonly gameData: { readonly hash: string; readonly text: string }
  readonly piece: Piece
}

export interface PieceResult {
  /** An encoded `JobResult`. */
  readonly result: Uint8Array
  readonly elapsedMs: number
}

interface Running {
  resolve(result: PieceResult): void
  reject(error: Error): void
}

interface Place {
  handle: WorkerHandle
  /** Hashes of texts that it has. */
  known: Set<string>
  running: Running | undefined
}

/** Texts are sent again to a worker that has been sent so many others; it keeps twice as many. */
const KNOWN_MAX = 64

/** So many workers, each with one task at a time. One that ends is replaced, and its task fails. */
export class WorkerPool {
  readonly size: number
  readonly #start: StartWorker
  readonly #idle: Place[] = []
  readonly #places: Place[] = []
  readonly #waiting: (() => void)[] = []
  #nextId = 1
  #isClosed = false

  constructor(size: number, start: StartWorker) {
    this.size = size
    this.#start = start
    for (let index = 0; index < size; index++) {
      const place = this.#open()
      this.#places.push(place)
      this.#idle.push(place)
    }
  }

  /** Rejects with a TerraneError: what the computation threw, or `worker_ended`. */
  async run({ work, gameData, piece }: PoolTask): Promise<PieceResult> {
    const place = await this.#take()
    try {
      if (this.#isClosed) throw ended('the pool is closed')
      if (place.known.size > KNOWN_MAX) place.known.clear()
      const texts: Record<string, string> = {}
      for (const { hash, text } of [work, gameData]) {
        if (!place.known.has(hash)) texts[hash] = text
        place.known.add(hash)
      }
      return await new Promise<PieceResult>((resolve, reject) => {
        place.running = { resolve, reject }
        place.handle.post({ id: this.#nextId++, workHash: work.hash, gameDataHash: gameData.hash, piece, texts })
      })
    } finally {
      place.running = undefined
      const next = this.#waiting.shift()
      this.#idle.push(place)
      next?.()
    }
  }

  /** Ends all workers at once; tasks under way reject. */
  close(): void {
    this.#isClosed = true
    for (const place of this.#places) {
      place.handle.terminate()
      place.running?.reject(ended('the pool is closed'))
    }
  }

  async #take(): Promise<Place> {
    while (this.#idle.length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    const place = this.#idle.pop()
    assert(place !== undefined, 'no worker is idle')
    return place
  }

  #open(): Place {
    const place: Place = { handle: undefined as unknown as WorkerHandle, known: new Set(), running: undefined }
    const start = () =>
      this.#start(
        (answer) => {
          if ('result' in answer) place.running?.resolve({ result: answer.result, elapsedMs: answer.elapsedMs })
          else place.running?.reject(new TerraneError(answer.code, answer.message))
        },
        (why) => {
          if (this.#isClosed) return
          place.known.clear()
          place.handle = start()
          place.running?.reject(ended(why))
        },
      )
    place.handle = start()
    return place
  }
}

function ended(why: string): TerraneError {
  return new TerraneError('worker_ended', `the worker ended: ${why}`, { retry: 'later' })
}
