import { sibling } from '../processes.js'
import { TaskWorkers } from '../task-workers.js'
import type { Result, Task } from './contract.js'

/** Worker threads that generate regions. */
export class Workers extends TaskWorkers<Task, Result> {
  constructor(count: number) {
    super(sibling('./galaxy-worker', import.meta.url), count)
  }
}
