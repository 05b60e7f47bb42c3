import { personaCode } from '@terrane/causality'
import { decodeBatch, type Zone, ZoneMap } from '@terrane/engine'
import type { MemoryDisk } from '@terrane/store-memory'
import {
  type Car,
  CORES,
  COURIER,
  type CoreRow,
  RUNS_KEPT,
  type Runner,
  type Score,
  type SlotRow,
  TERMINAL,
} from '@terrane/world-maglev'

/** Rows that only persona zones may write. */
const PERSONA_KINDS = ['scores', 'runs']

interface Run {
  readonly player: string
  readonly mission: number
  readonly cores: number
  readonly endedAt: number
}

function rowsOf<Row>(zone: Zone, kind: string): Row[] {
  return [...(zone.tables[kind]?.all() ?? [])] as unknown as Row[]
}

export function carOf(zone: Zone): Car {
  return zone.tables.cars?.must(zone.id) as unknown as Car
}

export function inAllOf<Row>(zones: readonly Zone[], kind: string): Row[] {
  return zones.flatMap((zone) => rowsOf<Row>(zone, kind))
}

/** What must be so at every moment, in the zones as their newest owners have them. Returns what is wrong. */
export function checkMoment(zones: readonly Zone[]): string[] {
  const problems = zones.flatMap((zone) =>
    zone.checkInvariants().map(({ invariant, problem }) => `in ${zone.id}, invariant ${invariant}: ${problem}`),
  )
  const cars = zones.filter(({ id }) => id === COURIER || id === TERMINAL)
  const runners = inAllOf<Runner>(cars, 'runners').map(({ player }) => `runner of ${player}`)
  const cores = [
    ...inAllOf<CoreRow>(cars, 'cores').map(({ id }) => `core ${id}`),
    ...inAllOf<SlotRow>(cars, 'slots').flatMap(({ core }) => (core === null ? [] : [`core ${core}`])),
  ]
  problems.push(...twice([...runners, ...cores]).map((what) => `the ${what} is there twice`))
  const terminal = cars.find(({ id }) => id === TERMINAL)
  if (terminal === undefined) return problems
  problems.push(...checkScores(zones, terminal), ...checkCores(cars, terminal))
  return problems
}

/** A score is written behind the slot event that it is for, never before. */
function checkScores(zones: readonly Zone[], terminal: Zone): string[] {
  const { slotEvents } = carOf(terminal)
  const scored = inAllOf<Score>(zones, 'scores').reduce((sum, { cores }) => sum + cores, 0)
  return scored > slotEvents ? [`${scored} cores are in scores, ${slotEvents} were slotted`] : []
}

/** Cores of the mission are not more than it has: one that is slotted is given out again only when it was read. */
function checkCores(cars: readonly Zone[], terminal: Zone): string[] {
  const { phase, mission } = carOf(terminal)
  if (phase !== 'running') return []
  const inMission = cars.filter((zone) => carOf(zone).mission === mission && carOf(zone).phase === 'running')
  const count =
    inAllOf<CoreRow>(inMission, 'cores').length +
    rowsOf<SlotRow>(terminal, 'slots').filter(({ core }) => core !== null).length
  return count > CORES ? [`mission ${mission} has ${count} cores, should have ${CORES} at most`] : []
}

/** What must be so when nothing is on its way between any zones and nobody plays. */
export function checkRest(zones: readonly Zone[], players: readonly string[], ended: number): string[] {
  const problems = checkMoment(zones)
  const terminal = zones.find(({ id }) => id === TERMINAL)
  const courier = zones.find(({ id }) => id === COURIER)
  if (terminal === undefined || courier === undefined) return [...problems, 'a car is missing']
  const { slotEvents } = carOf(terminal)
  const scores = inAllOf<Score>(zones, 'scores')
  const scored = scores.reduce((sum, { cores }) => sum + cores, 0)
  if (scored !== slotEvents) problems.push(`${slotEvents} cores were slotted, ${scored} are in scores`)
  const runs = inAllOf<Run>(zones, 'runs')
  const inRuns = runs.reduce((sum, { cores }) => sum + cores, 0)
  if (ended <= RUNS_KEPT && inRuns !== slotEvents)
    problems.push(`${slotEvents} cores were slotted, ${inRuns} are in runs`)
  if (runs.length !== Math.min(ended, RUNS_KEPT) * players.length) {
    problems.push(`${ended} missions of ${players.length} players have ${runs.length} runs`)
  }
  for (const car of [terminal, courier]) {
    const { tallies } = carOf(car)
    if (tallies !== slotEvents) problems.push(`${car.id} was told of ${tallies} scores, there were ${slotEvents}`)
  }
  const inCourier = new Set(rowsOf<Runner>(courier, 'runners').map(({ player }) => player))
  const missing = players.filter((player) => !inCourier.has(player))
  if (missing.length > 0) problems.push(`at rest ${missing.join(', ')} have no runner in ${COURIER}`)
  if (inCourier.size !== players.length) problems.push(`${inCourier.size} runners for ${players.length} players`)
  return problems
}

/**
 * Who wrote what, by all that was ever durable: scores and runs only by the persona zone of their player, and in each
 * zone never again by an owner that was replaced.
 */
export function checkWriters(disk: MemoryDisk): string[] {
  const map = ZoneMap.of(disk.map.version, disk.map.ranges)
  const problems: string[] = []
  for (const { zone, log, tables } of disk.zones.values()) {
    const isPersona = map.zones('persona').includes(zone)
    let epoch = 0
    for (const entry of log) {
      if (entry.epoch < epoch) problems.push(`${zone} was written in epoch ${entry.epoch} after ${epoch}`)
      epoch = entry.epoch
      const foreign = decodeBatch(entry.payload).kinds.find(({ name }) => !isPersona && PERSONA_KINDS.includes(name))
      if (foreign !== undefined) problems.push(`${zone} wrote ${foreign.name} in batch ${entry.seq}`)
    }
    for (const player of tables.get('maglev_scores')?.rows.keys() ?? []) {
      const due = map.zoneAt({ authority: 'persona', code: personaCode(String(player)) })
      if (due !== zone) problems.push(`the score of ${player} is in the table of ${zone}, the map says ${due}`)
    }
  }
  return problems
}

function twice(names: readonly string[]): string[] {
  const seen = new Set<string>()
  return names.filter((name) => seen.has(name) || !seen.add(name))
}
