import { parentPort } from 'node:worker_threads'
import { CombatRunner, encodeJobResult } from '@terrane/combat'
import { threadCpuMs } from '../cpu.js'
import type { Result, Task } from './contract.js'
import { shippedGameData, shippedPlan } from './shipped.js'

const data = shippedGameData()
const runners = new Map<string, CombatRunner>()

/** Fights as it is asked to, with one runner per profile. */
parentPort?.on('message', (task: Task) => parentPort?.postMessage(perform(task)))

function perform({ spec, seed, first, count }: Task): Result {
  const runner = runners.get(spec) ?? new CombatRunner(shippedPlan(data, spec))
  runners.set(spec, runner)
  const startMs = performance.now()
  const startCpuMs = threadCpuMs()
  const result = runner.run({ seed, first, count })
  return {
    milliseconds: performance.now() - startMs,
    cpuMilliseconds: threadCpuMs() - startCpuMs,
    bytes: encodeJobResult(result),
  }
}
