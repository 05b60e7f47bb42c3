import { parentPort } from 'node:worker_threads'
import { checkUniverse, generateRegion, InvalidRegionError, type Region } from '@terrane/world-frontier/galaxy'
import { threadCpuMs } from '../cpu.js'
import type { Result, Task } from './contract.js'

/** Generates one region after the other, as it is asked to. */
parentPort?.on('message', (task: Task) => parentPort?.postMessage(perform(task)))

function perform({ kind, request }: Task): Result {
  const startMs = performance.now()
  const startCpuMs = threadCpuMs()
  const took = () => ({ milliseconds: performance.now() - startMs, cpuMilliseconds: threadCpuMs() - startCpuMs })
  const stamped: Record<string, number> = {}
  const empty = { phases: [], refused: [], problems: [], stamped }
  try {
    const region = generateRegion(request, { now: () => performance.now() })
    const times = took()
    for (const { kind: formation } of region.formations) stamped[formation] = (stamped[formation] ?? 0) + 1
    const problems = kind === 'check' ? problemsOf(region) : []
    return { ...empty, ...times, sectors: region.sectors.length, phases: region.generation.phases, problems }
  } catch (error) {
    if (!(error instanceof InvalidRegionError)) throw error
    const sectors = typeof request.sectors === 'number' ? request.sectors : 0
    return { ...empty, ...took(), sectors, refused: error.reasons }
  }
}

/** By way of JSON: the checker sees what a file would hold. */
function problemsOf(region: Region): string[] {
  const file = JSON.stringify({ format: 'terrane-universe', version: 1, seed: region.seed, regions: [region] })
  return checkUniverse(JSON.parse(file)).map(({ element, message }) => `${region.seed}: ${element}: ${message}`)
}
