import { Worker } from 'node:worker_threads'

/** Worker threads that take tasks from one queue. Each answers a message with a message. */
export class TaskWorkers<T, R> {
  readonly #workers: readonly Worker[]

  constructor(script: URL, count: number) {
    this.#workers = Array.from({ length: count }, () => new Worker(script))
  }

  /** Results in the order of the tasks. */
  async run(tasks: readonly T[], onResult: (done: number) => void = () => {}): Promise<R[]> {
    const results: R[] = []
    let next = 0
    let done = 0
    const work = async (worker: Worker) => {
      for (let index = next++; index < tasks.length; index = next++) {
        results[index] = await ask<T, R>(worker, tasks[index] as T)
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

function ask<T, R>(worker: Worker, task: T): Promise<R> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      worker.removeAllListeners('message').removeAllListeners('error')
      finish()
    }
    worker.once('message', (result: R) => settle(() => resolve(result)))
    worker.once('error', (error) => settle(() => reject(error)))
    worker.postMessage(task)
  })
}
