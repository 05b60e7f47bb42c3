/** A thread that computes chunks. */
import { parentPort } from 'node:worker_threads'
import { createWorker, type WorkerTask } from '../workers/tasks.js'

const work = createWorker(() => performance.now())
const port = parentPort

// Answers keep the order of the tasks: the next begins when the one before has its answer.
let before: Promise<unknown> = Promise.resolve()
port?.on('message', (task: WorkerTask) => {
  before = before.then(async () => port.postMessage(await work(task)))
})
