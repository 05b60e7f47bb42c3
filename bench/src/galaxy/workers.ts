import { Worker } from 'node:worker_threads'
import { sibling } from '../processes.js'
import type { Result, Task } from './contract.js'

/** Worker threads that take tasks from one queue. */
export class Workers {
  readonly #workers: readonly Worker[]

  constructor(count: number) {
    const script = sibling('./galaxy-worker', import.meta.url)
    this.#workers = Array.from({ length: count }, () => new Worker(script))
  }

  /** Results in the order of the tasks. */
  async run(tasks: readonly Task[], onResult: (done: number) => void = () => {}): Promise<Result[]> {
    const results: Result[] = []
    let next = 0
    let done = 0
    const work = async (worker: Worker) => {
      for (let index = next++; index < tasks.length; index = next++) {
        results[index] = await ask(worker, tasks[index] as Task)
        onResult(++done)
      }
    }
    await Promise.all(this.#workers.map(work))
    return results
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}

function ask(worker: Worker, task: Task): Promise<Result> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      worker.removeAllListeners('message').removeAllListeners('error')
      finish()
    }
    worker.once('message', (result: Result) => settle(() => resolve(result)))
    worker.once('error', (error) => settle(() => reject(error)))
    worker.postMessage(task)
  })
}
