import { Worker } from 'node:worker_threads'
import type { WorkerAnswer } from '../workers/tasks.js'
import { WorkerPool } from '../workers/worker-pool.js'

/** A pool of threads. */
export function createThreadPool(size: number, script = new URL('./thread-worker.js', import.meta.url)): WorkerPool {
  return new WorkerPool(size, (onAnswer, onEnd) => {
    const worker = new Worker(script)
    worker.on('message', (answer: WorkerAnswer) => onAnswer(answer))
    let why = ''
    worker.on('error', (error) => {
      why = error.message
    })
    worker.on('exit', (code) => onEnd(why || `exit code ${code}`))
    return { post: (task) => worker.postMessage(task), terminate: () => void worker.terminate() }
  })
}
