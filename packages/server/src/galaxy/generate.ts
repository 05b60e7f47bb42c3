import { writeFile } from 'node:fs/promises'
import { messageOf } from '@terrane/core'
import { CommandFailure, failureOf } from '../process/failure.js'
import { Progress } from '../process/progress.js'
import { generateInThreads, type OnPhase } from './generate-in-threads.js'
import { loadGalaxy, type Region, type Universe } from './load-galaxy.js'

export interface GenerateOptions {
  readonly seed: string
  readonly sectors: number
  readonly regions: number
  readonly nexus: boolean
  readonly batch: number
  readonly out?: string
  readonly threads: number
  readonly timings: boolean
  readonly svg?: string
  readonly world: string
  readonly json: boolean
}

/** Generates, writes what was asked for, and tells a person on stderr and a program on stdout. */
export async function generate(options: GenerateOptions): Promise<void> {
  const { seed, sectors, regions, nexus, batch, threads, timings, world } = options
  const galaxy = await loadGalaxy(world)
  const startMs = performance.now()
  const request = { seed, sectors, regions, nexus }
  const generated = await withProgress(regions + (nexus ? 1 : 0), (onPhase) =>
    generateInThreads(galaxy.regionRequests(request), threads, { world, batchSize: batch }, onPhase),
  )
  const universe = galaxy.universeOf(request, generated)
  const seconds = Math.round(performance.now() - startMs) / 1000
  if (options.out !== undefined) {
    await write(options.out, `${JSON.stringify(timings ? universe : withoutTimings(universe))}\n`)
  }
  if (options.svg !== undefined) await write(options.svg, galaxy.drawUniverse(universe))
  for (const region of universe.regions) process.stderr.write(`${describe(region)}\n`)
  process.stderr.write(`regions: ${universe.regions.length}, all valid, in ${seconds} s\n`)
  if (options.json) {
    const result = { name: 'galaxy generate', seed, seconds, regions: universe.regions.map(summary) }
    process.stdout.write(`${JSON.stringify(result)}\n`)
  }
}

/** A bar that moves with every phase on a terminal; otherwise a line per region. */
async function withProgress<T>(regions: number, run: (onPhase: OnPhase) => Promise<T>): Promise<T> {
  let progress: Progress | undefined
  try {
    return await run((region, phase, of, name) => {
      progress ??= new Progress(regions * of, process.stderr.isTTY === true)
      if (progress.isTerminal) progress.step(`${region}: phase ${phase} of ${of - 1}, ${name}`)
      else if (phase === 0) progress.step(`generating ${region}`)
    })
  } catch (error) {
    throw failureOf(error, 'the universe cannot be generated')
  } finally {
    progress?.end()
  }
}

function describe(region: Region): string {
  const { name, sectors, warps, tunnels, generation } = region
  const stamped = Object.entries(countKinds(region)).map(([kind, count]) => `${count} ${kind}`)
  const ms = generation.phases.reduce((sum, phase) => sum + (phase.milliseconds ?? 0), 0)
  return (
    `${name}: ${sectors.length} sectors, ${warps.length} warps, ${tunnels.length} tunnels, ` +
    `checksum ${generation.checksum}, ${ms.toFixed(0)} ms\n  ${stamped.join(', ') || 'no formations'}`
  )
}

function summary(region: Region) {
  const { name, sectors, warps, tunnels, generation } = region
  return {
    name,
    sectors: sectors.length,
    warps: warps.length,
    tunnels: tunnels.length,
    formations: countKinds(region),
    ...generation,
  }
}

function countKinds({ formations }: Region): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of formations) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** The same seed then gives the same file. */
function withoutTimings(universe: Universe): Universe {
  const regions = universe.regions.map((region) => {
    const phases = region.generation.phases.map(({ milliseconds: _, ...phase }) => phase)
    return { ...region, generation: { ...region.generation, phases } }
  })
  return { ...universe, regions }
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (cause) {
    throw new CommandFailure('galaxy_not_written', {
      what: `${file} cannot be written`,
      why: messageOf(cause),
      next: 'name a file in a directory that exists and that you may write to',
      cause,
    })
  }
}
