/** A Web Worker that computes chunks. */
import { createWorker, type WorkerAnswer, type WorkerTask } from '../workers/tasks.js'

/** What a dedicated worker's global scope has of what is used here; the library for workers clashes with that for pages. */
interface WorkerScope {
  onmessage: ((event: { readonly data: WorkerTask }) => void) | null
  postMessage(answer: WorkerAnswer): void
}

const scope = globalThis as unknown as WorkerScope
const work = createWorker(() => performance.now())

// Answers keep the order of the tasks: the next begins when the one before has its answer.
let before: Promise<unknown> = Promise.resolve()
scope.onmessage = ({ data }) => {
  before = before.then(async () => scope.postMessage(await work(data)))
}
