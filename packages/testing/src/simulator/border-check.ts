import type { Zone } from '@terrane/engine'
import { BORDER_GOLD, BORDER_WALKERS } from './border-world.js'

interface Walker {
  readonly id: string
  readonly steps: number
  readonly moves: number
}

/** Every walker of these zones, with the zones that own it. */
function ownersOf(zones: readonly Zone[]): Map<string, { walker: Walker; owners: string[] }> {
  const found = new Map<string, { walker: Walker; owners: string[] }>()
  for (const zone of zones) {
    for (const row of zone.tables.walkers?.all() ?? []) {
      const walker = row as unknown as Walker
      const known = found.get(walker.id) ?? { walker, owners: [] }
      known.owners.push(zone.id)
      found.set(walker.id, known)
    }
  }
  return found
}

/** Whether a walker has two owners. Sees zones as they are in memory, each by its newest owner. */
export function checkAuthority(zones: readonly Zone[]): string[] {
  return [...ownersOf(zones)]
    .filter(([, { owners }]) => owners.length > 1)
    .map(([id, { owners }]) => `walker ${id} has ${owners.length} owners: ${owners.join(', ')}`)
}

/** Whether all is right when nothing is on its way any more. `seen`: most steps that any copy has shown, by walker. */
export function checkBorders(zones: readonly Zone[], seen: ReadonlyMap<string, number>): string[] {
  const problems = [...checkAuthority(zones), ...checkShown(zones, seen)]
  const walkers = ownersOf(zones)
  if (walkers.size !== BORDER_WALKERS) problems.push(`there are ${walkers.size} walkers, should be ${BORDER_WALKERS}`)
  let gold = 0
  for (const zone of zones) {
    for (const row of zone.tables.purses?.all() ?? []) {
      const purse = row as unknown as { walker: string; gold: number }
      gold += purse.gold
      const isLost = purse.walker.startsWith('lost ')
      if (!isLost && zone.tables.walkers?.has(purse.walker) !== true) {
        problems.push(`the purse of ${purse.walker} is in ${zone.id}, the walker is not`)
      }
    }
  }
  if (gold !== BORDER_GOLD) problems.push(`all purses together hold ${gold}, should hold ${BORDER_GOLD}`)
  const counts = historyOf(zones)
  for (const [id, { walker }] of walkers) {
    for (let move = 0; move < walker.moves; move++) {
      for (const what of ['gave', 'took']) {
        const times = counts.get(`${what} ${id} ${move}`) ?? 0
        if (times !== 1) problems.push(`move ${move} of ${id}: ${what} ${times} times`)
      }
    }
  }
  for (const [event, times] of counts) {
    const [what, id] = event.split(' ') as [string, string]
    if (times > 1) problems.push(`${event}: ${times} times`)
    if (what === 'paid' && !counts.has(`received ${id}`)) problems.push(`payment ${id} is lost`)
    if (what === 'received' && !counts.has(`paid ${id}`)) problems.push(`payment ${id} was received and never paid`)
  }
  return problems
}

/** Whether a copy has shown what a crash took back. Before time goes on. */
export function checkShown(zones: readonly Zone[], seen: ReadonlyMap<string, number>): string[] {
  return [...ownersOf(zones)]
    .filter(([id, { walker }]) => walker.steps < (seen.get(id) ?? 0))
    .map(([id, { walker }]) => `a copy of ${id} showed step ${seen.get(id)}, and only ${walker.steps} are durable`)
}

/** How often each thing happened. */
function historyOf(zones: readonly Zone[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const zone of zones) {
    for (const row of zone.tables.history?.all() ?? []) {
      const { what, of } = row as unknown as { what: string; of: string }
      counts.set(`${what} ${of}`, (counts.get(`${what} ${of}`) ?? 0) + 1)
    }
  }
  return counts
}
