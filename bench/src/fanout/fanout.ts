import { canPin, requireFileDescriptors } from '../processes.js'
import { type Figures, type Floor, median, note, report, round } from '../report.js'
import { contenders as allContenders } from './contenders.js'
import type { Contender, RoomsWorkload, Workload, WorldWorkload } from './contract.js'
import type { IdealCrop } from './ideal-crop.js'
import { type RoomsResult, runRooms } from './rooms.js'
import { runWorld, type WorldResult } from './world.js'

export interface FanoutOptions {
  json: boolean
  tiny: boolean
  workload: string
  only?: string
  rounds?: number
  seconds?: number
  connections?: number
}

const ROOMS: RoomsWorkload = { kind: 'rooms', connections: 5000, roomSize: 50, stateBytes: 120, hz: 20 }
const ROOMS_TINY: RoomsWorkload = { ...ROOMS, connections: 50, roomSize: 10 }
const WORLD: WorldWorkload = {
  kind: 'world',
  entities: 10_000,
  visible: 100,
  hz: 10,
  seed: 'fanout world',
  clients: 2000,
}
const WORLD_TINY: WorldWorkload = { ...WORLD, entities: 500, visible: 20, clients: 10 }

/** Checked in full runs only. */
const ROOMS_FLOORS: readonly Floor[] = [
  { figure: 'rooms.cpuAdvantage', min: 1.3 },
  { figure: 'rooms.terrane.p99Ms', max: 50 },
  { figure: 'rooms.terrane.deliveredPercent', min: 95 },
  { figure: 'rooms.terrane.lost', max: 0 },
]
const WORLD_FLOORS: readonly Floor[] = [
  { figure: 'world.terrane.clientsHeld', min: 2000 },
  { figure: 'world.clientsAdvantage', min: 10 },
  { figure: 'world.terrane.bytesOfIdeal', max: 1.5 },
]
/** Joins leave garbage and code that is not compiled yet: in the first 3 s both processes have pauses that later ones lack. */
const WARMUP_MS = 4000
/** Besides the clients: listening sockets, pipes, modules. */
const OTHER_FILES = 200

export async function fanout(options: FanoutOptions): Promise<void> {
  const { tiny } = options
  const kinds = workloadKinds(options.workload)
  const chosen = choose(options.only)
  const rooms = { ...(tiny ? ROOMS_TINY : ROOMS), ...(options.connections && { connections: options.connections }) }
  const world = tiny ? WORLD_TINY : WORLD
  requireFileDescriptors(Math.max(rooms.connections, world.clients) + OTHER_FILES)
  const pin = canPin()
  note(
    pin
      ? 'fanout: server on core 0, load on core 1'
      : 'fanout: cannot pin processes (no taskset, or fewer than 2 cores): server and load may disturb each other',
  )
  const warmupMs = tiny ? 200 : WARMUP_MS
  const measureMs = 1000 * (options.seconds ?? (tiny ? 1 : 10))
  const figures: Figures = {}
  if (kinds.includes('rooms')) {
    const entrants = chosen.filter(({ workloads }) => workloads.includes('rooms'))
    const rounds = options.rounds ?? (tiny ? 1 : 3)
    Object.assign(
      figures,
      roomsFigures(await runRooms(entrants, { workload: rooms, rounds, warmupMs, measureMs, pin })),
    )
  }
  if (kinds.includes('world')) {
    const entrants = chosen.filter(({ workloads }) => workloads.includes('world'))
    const plan = { workload: world, warmupMs, measureMs: Math.min(measureMs, 5000), pin }
    const { ideal, results } = await runWorld(entrants, tiny ? { ...plan, steps: [5, 10] } : plan)
    Object.assign(figures, worldFigures(ideal, results))
  }
  const floors = [...(kinds.includes('rooms') ? ROOMS_FLOORS : []), ...(kinds.includes('world') ? WORLD_FLOORS : [])]
  report({ name: 'fanout', figures, floors: tiny || options.only !== undefined ? [] : floors }, options.json)
}

/** Medians over the rounds, except for what must never be bad: there the worst round counts. */
function roomsFigures(results: ReadonlyMap<string, readonly RoomsResult[]>): Figures {
  const figures: Figures = {}
  for (const [name, rounds] of results) {
    const middle = (value: (result: RoomsResult) => number): number => round(median(rounds.map(value)))
    figures[`rooms.${name}.cpuMicrosPerUpdate`] = middle((r) => r.cpuMicrosPerUpdate)
    figures[`rooms.${name}.p50Ms`] = middle((r) => r.p50Ms)
    figures[`rooms.${name}.p99Ms`] = middle((r) => r.p99Ms)
    figures[`rooms.${name}.deliveredPercent`] = round(Math.min(...rounds.map((r) => r.deliveredPercent)), 4)
    figures[`rooms.${name}.bytesPerConnection`] = Math.round(median(rounds.map((r) => r.memoryPerClient)))
    figures[`rooms.${name}.lost`] = Math.max(...rounds.map((r) => r.lost))
  }
  // Round by round, because the machine's speed drifts.
  const [ours, theirs] = [results.get('terrane'), results.get('colyseus')]
  if (ours !== undefined && theirs !== undefined) {
    const ratios = ours.map((r, i) => (theirs[i]?.cpuMicrosPerUpdate ?? Number.NaN) / r.cpuMicrosPerUpdate)
    figures['rooms.cpuAdvantage'] = round(median(ratios))
  }
  return figures
}

function worldFigures(ideal: IdealCrop, results: ReadonlyMap<string, WorldResult>): Figures {
  const figures: Figures = { 'world.idealBytesPerUpdate': round(ideal.bytesPerUpdate, 4) }
  for (const [name, { held, atHeld }] of results) {
    figures[`world.${name}.clientsHeld`] = held
    figures[`world.${name}.p99Ms`] = atHeld === undefined ? null : round(atHeld.p99Ms)
    figures[`world.${name}.bytesPerUpdate`] = atHeld === undefined ? null : round(atHeld.bytesPerUpdate, 4)
    figures[`world.${name}.bytesOfIdeal`] =
      atHeld === undefined ? null : round(atHeld.bytesPerUpdate / ideal.bytesPerUpdate)
  }
  const [ours, theirs] = [results.get('terrane')?.held, results.get('colyseus')?.held]
  if (ours !== undefined && theirs !== undefined) figures['world.clientsAdvantage'] = round(ours / Math.max(1, theirs))
  return figures
}

function workloadKinds(text: string): readonly Workload['kind'][] {
  if (text === 'both') return ['rooms', 'world']
  if (text === 'rooms' || text === 'world') return [text]
  throw new Error(`--workload is rooms, world or both, not "${text}"`)
}

function choose(only: string | undefined): readonly Contender[] {
  if (only === undefined) return allContenders
  return only.split(',').map((name) => {
    const contender = allContenders.find((candidate) => candidate.name === name)
    if (contender !== undefined) return contender
    throw new Error(`no contender is called "${name}": there are ${allContenders.map((c) => c.name).join(', ')}`)
  })
}
