import type { Tables } from './kinds.js'
import { CARS, isCar, POINTS_PER_CORE } from './rules.js'

/** A core is in the hands of the runner who carries it, and nobody carries what is not there. */
export function hands(tables: Tables): string | undefined {
  for (const { player, carries, x, y } of tables.runners.all()) {
    if (carries === null) continue
    const core = tables.cores.get(carries)
    if (core?.carriedBy !== player) return `${player} carries core ${carries}, which ${core?.carriedBy ?? 'nobody'} has`
    if (core.x !== x || core.y !== y) return `core ${carries} is not where ${player} carries it`
  }
  for (const { id, carriedBy } of tables.cores.all()) {
    if (carriedBy !== null && tables.runners.get(carriedBy)?.carries !== id)
      return `${carriedBy} does not carry core ${id}`
  }
  return undefined
}

/** Nothing leaves its car. */
export function floors(tables: Tables): string | undefined {
  for (const { car } of tables.cars.all()) {
    if (!isCar(car)) return `${car} is no car`
    const { from, to } = CARS[car]
    for (const { id, x } of tables.cores.all()) if (x < from || x > to) return `core ${id} has left ${car}`
    for (const { player, x } of tables.runners.all()) if (x < from || x > to) return `${player} has left ${car}`
  }
  return undefined
}

/** Scores are sums of what was slotted, and nothing came before what it follows from. */
export function scores(tables: Tables): string | undefined {
  for (const { player, points, cores, missionCores, outOfOrder } of tables.scores.all()) {
    if (points !== cores * POINTS_PER_CORE) return `${player} has ${points} points for ${cores} cores`
    if (missionCores > cores) return `${player} has more cores in a mission than in all`
    if (outOfOrder > 0) return `${outOfOrder} events of ${player} came before what they follow from`
  }
  return undefined
}

/** A copy of a score that was behind what its owner had told was marked as stale. */
export function copies(tables: Tables): string | undefined {
  for (const { car, talliesWrong } of tables.cars.all()) {
    if (talliesWrong > 0) return `${talliesWrong} copies of scores in ${car} were behind and did not say so`
  }
  return undefined
}
