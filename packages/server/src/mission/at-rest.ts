import type { AnyRow, Table } from '@terrane/client'
import { sleep, systemTimers } from '@terrane/core'
import { CARS, type CarZone } from '@terrane/world-maglev'
import type { CarClient, Comparison, Observations } from '@terrane/world-maglev/mission'
import { type MissionCrew, phaseOf } from './crew.js'
import type { Query } from './stage.js'
import { isStored, type KindName, type StoredRow, storedRows } from './tables.js'

/** What everybody sees of a car. */
const KINDS = ['cars', 'runners', 'cores', 'slots', 'drones'] as const satisfies readonly KindName[]
const COPIED = ['points', 'cores', 'mission', 'missionCores']

/** Checkpoints bring the tables up to date within a second or two; a loaded machine may need longer. */
const SETTLE_MS_MAX = 20_000
const LOOK_EVERY_MS = 100

export interface RestReport {
  /** Clients and cars that differ. */
  readonly rest: Comparison
  /** Copies of scores at clients. */
  readonly copies: Comparison
}

/**
 * Waits until the mission is over for everybody and nothing moves, then compares what every client shows with the
 * authority's rows in the database. What is on its way gets time to arrive; what still differs then does.
 */
export async function compareAtRest(crew: MissionCrew, read: Query): Promise<RestReport> {
  const { 'car-1': courier, 'car-2': terminal } = crew.observer
  await crew.until('all stand still in the first car', () => {
    const runners = [...courier.tables.runners.all()]
    const isLobby = phaseOf(courier) === 'lobby' && phaseOf(terminal) === 'lobby'
    return isLobby && runners.length >= crew.players.length && runners.every(({ vx, vy }) => vx === 0 && vy === 0)
  })
  crew.rest()
  const deadlineMs = performance.now() + SETTLE_MS_MAX
  for (;;) {
    const report = await compareNow(crew, read)
    const isSettled = report.rest.differing + report.copies.differing === 0
    if (isSettled || performance.now() > deadlineMs) return report
    await sleep(systemTimers, LOOK_EVERY_MS)
  }
}

async function compareNow(crew: MissionCrew, read: Query): Promise<RestReport> {
  const clients = crew.passengers.flatMap((passenger) => passenger.clients)
  const scores = await storedRows(read, 'scores')
  const copies = { compared: 0, differing: 0 }
  const rest = { compared: 0, differing: 0 }
  for (const zone of Object.keys(CARS) as CarZone[]) {
    const stored = new Map<KindName, ReadonlyMap<string, StoredRow>>()
    for (const kind of KINDS) stored.set(kind, await storedRows(read, kind, zone))
    for (const client of [...clients.filter((each) => each.zone === zone), crew.observer[zone]]) {
      rest.compared++
      if (!KINDS.every((kind) => holds(client.tables[kind] as Table, stored.get(kind)))) rest.differing++
      for (const player of crew.players) {
        const score = scores.get(player)
        const copy = client.tables['replicas.scores'].get(player)
        // Who has never scored has no row, and no copy of one.
        if (score === undefined && copy === undefined) continue
        copies.compared++
        if (copy?.$stale !== false || !isStored(copy, score, COPIED)) copies.differing++
      }
    }
  }
  return { rest, copies }
}

function holds(table: Table<AnyRow>, stored: ReadonlyMap<string, StoredRow> | undefined): boolean {
  if (stored === undefined || table.size !== stored.size) return false
  return [...stored].every(([key, row]) => isStored(table.get(key) ?? table.get(Number(key)), row))
}

/** What the cars count, and the persona zones: slot events, copies of scores that were behind, ops out of order. */
export async function countedAtRest(crew: MissionCrew, read: Query): Promise<Counted> {
  const cars = Object.values(crew.observer).map((client: CarClient) => client.tables.cars.get(client.zone))
  const scores = [...(await storedRows(read, 'scores')).values()]
  const sum = (of: (car: NonNullable<(typeof cars)[number]>) => number) =>
    cars.reduce((total, car) => total + (car === undefined ? Number.NaN : of(car)), 0)
  return {
    slotEvents: Math.max(...cars.map((car) => car?.slotEvents ?? 0)),
    inScores: scores.reduce((total, { cores }) => total + Number(cores), 0),
    outOfOrder: scores.reduce((total, { outOfOrder }) => total + Number(outOfOrder), 0),
    told: cars.map((car) => car?.tallies ?? 0),
    staleTold: sum(({ talliesStale }) => talliesStale),
    wrong: sum(({ talliesWrong }) => talliesWrong),
  }
}

export interface Counted {
  readonly slotEvents: number
  readonly inScores: number
  readonly outOfOrder: number
  /** By each of the cars. */
  readonly told: readonly number[]
  readonly staleTold: number
  readonly wrong: number
}

/** What was counted since `before`, beside the cores in the runs of these missions. */
export function observedSince(
  before: Counted,
  after: Counted,
  { inRuns, copies }: { readonly inRuns: number; readonly copies: Comparison },
): Required<Pick<Observations, 'slots' | 'copies'>> {
  const since = (name: Exclude<keyof Counted, 'told'>) => after[name] - before[name]
  const told = after.told.map((count, i) => count - (before.told[i] ?? 0))
  const events = since('slotEvents')
  return {
    slots: { events, inScores: since('inScores'), inRuns, outOfOrder: since('outOfOrder') },
    copies: { told, events, staleTold: since('staleTold'), wrong: since('wrong'), rest: copies },
  }
}
