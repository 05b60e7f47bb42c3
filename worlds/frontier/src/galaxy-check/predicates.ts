import type { FormationFile, RegionFile } from './schema.js'
import { joinsBothWays, leads, type StarMap, spread } from './star-map.js'
import type { Tell } from './tell.js'

/** From a hatch to its source, and from a backdoor to its bubble's gateway, by other ways. */
const HATCH_HOPS = 8
const BACKDOOR_HOPS = 3

type Of<K extends FormationFile['kind']> = Extract<FormationFile, { kind: K }>
type Say = (message: string) => void

/** Holds every formation against its own predicate. */
export function checkPredicates(region: RegionFile, map: StarMap, at: string, tell: Tell): void {
  for (const [index, formation] of region.formations.entries()) {
    const element = `${at}.formations[${index}] (${formation.kind} "${formation.name}")`
    checkFormation(formation, region.formations, map, (message) => tell(element, message))
  }
}

function checkFormation(formation: FormationFile, all: readonly FormationFile[], map: StarMap, say: Say): void {
  switch (formation.kind) {
    case 'bubble':
    case 'dead_end_bubble':
      checkBubble(formation, all, map, say)
      break
    case 'tunnel':
      checkTunnel(formation, map, say)
      break
    case 'dead_end':
      checkNeighbours(formation.anchor, [formation.parent], [formation.parent], map, say)
      break
    case 'blister':
      checkBlister(formation, map, say)
      break
    case 'escape_hatch':
      checkHatch(formation, map, say)
      break
    case 'warp_sink':
      checkSink(formation, map, say)
      break
    case 'backdoor':
      checkBackdoor(formation, all, map, say)
      break
    case 'lost_sector':
    case 'lost_cluster':
      checkLost(formation, map, say)
      break
    case 'archipelago':
      checkArchipelago(formation, all, say)
      break
  }
}

/** Take the gateway away, and the backdoors: nothing but the interior is left in one piece with the interior. */
function checkBubble(
  { kind, anchor: gateway, interior }: Of<'bubble' | 'dead_end_bubble'>,
  all: readonly FormationFile[],
  map: StarMap,
  say: Say,
): void {
  if (interior.length === 0) say('has no interior')
  const doors = all.filter((other) => other.kind === 'backdoor')
  const isDoor = (from: number, to: number) =>
    doors.some((door) => door.anchor === from && door.into === to) && !leads(map, to, from)
  const left = spread(map.around, interior, (from, to) => {
    return from !== gateway && to !== gateway && !isDoor(to, from) && !isDoor(from, to)
  })
  const outside = [...left.keys()].filter((sector) => !interior.includes(sector))
  if (outside.length > 0) say(`can be left, or entered, without passing its gateway ${gateway}, at ${outside[0]}`)
  const group = new Set([gateway, ...interior])
  const isInside = (_: number, to: number) => group.has(to)
  for (const sector of interior) {
    if (!spread(map.exits, [gateway], isInside).has(sector)) say(`${sector} cannot be reached from the gateway`)
    if (!spread(map.entries, [gateway], isInside).has(sector)) say(`${sector} cannot reach the gateway`)
  }
  const hasLoop = stripTwigs(group, map).size > 0
  if (kind === 'bubble' && !hasLoop) say('has no loop: it is a dead-end bubble')
  if (kind === 'dead_end_bubble' && hasLoop) say('has a loop: not all of its ways end')
}

/** Takes away whoever has one neighbour left or none, until nobody has: what is left, if anything, has loops. */
function stripTwigs(group: ReadonlySet<number>, map: StarMap): Set<number> {
  const left = new Set(group)
  for (let before = -1; before !== left.size; ) {
    before = left.size
    for (const sector of [...left]) {
      const degree = [...(map.around.get(sector) ?? [])].filter((other) => left.has(other)).length
      if (degree <= 1) left.delete(sector)
    }
  }
  return left
}

function checkTunnel({ anchor, interior, farMouth, oneWay }: Of<'tunnel'>, map: StarMap, say: Say): void {
  if (interior.length === 0) say('has nothing between its mouths')
  if (anchor === farMouth || interior.includes(farMouth)) say('does not have two mouths')
  const chain = [anchor, ...interior, farMouth]
  for (let i = 1; i < chain.length; i++) {
    const [from, to] = [chain[i - 1] as number, chain[i] as number]
    if (!leads(map, from, to)) say(`is broken between ${from} and ${to}`)
    if (leads(map, to, from) === oneWay) say(`is ${oneWay ? 'not ' : ''}one-way between ${from} and ${to}`)
  }
  for (let i = 1; i < chain.length - 1; i++) {
    const due = [chain[i - 1] as number, chain[i + 1] as number]
    checkNeighbours(chain[i] as number, due, [], map, say)
  }
}

function checkBlister({ anchor: pivot, interior }: Of<'blister'>, map: StarMap, say: Say): void {
  if (interior.length < 2) say('has fewer than two sectors besides its pivot')
  const loop = [pivot, ...interior, pivot]
  for (let i = 1; i < loop.length - 1; i++) {
    const due = [loop[i - 1] as number, loop[i + 1] as number]
    checkNeighbours(loop[i] as number, due, due, map, say)
  }
}

function checkHatch({ anchor, parent, source }: Of<'escape_hatch'>, map: StarMap, say: Say): void {
  checkNeighbours(anchor, [parent, source], [parent], map, say)
  if (parent === source) say('has its parent for its source')
  if (!leads(map, source, anchor) || leads(map, anchor, source)) say(`the warp from ${source} is not one-way into it`)
  const isOther = (from: number, to: number) =>
    !(from === source && to === anchor) && !(from === anchor && to === source)
  const hops = spread(map.around, [anchor], isOther).get(source)
  if (hops !== undefined && hops < HATCH_HOPS)
    say(`its source ${source} is ${hops} hops away, of at least ${HATCH_HOPS}`)
}

function checkSink({ anchor, entries }: Of<'warp_sink'>, map: StarMap, say: Say): void {
  if (map.exits.get(anchor)?.size !== 0) say(`has a way out, to ${[...(map.exits.get(anchor) ?? [])].join(', ')}`)
  const found = [...(map.entries.get(anchor) ?? [])].sort((a, b) => a - b).join(', ')
  const declared = entries.toSorted((a, b) => a - b).join(', ')
  if (found !== declared) say(`is entered from ${found || 'nowhere'}; it declares ${declared}`)
}

function checkBackdoor(door: Of<'backdoor'>, all: readonly FormationFile[], map: StarMap, say: Say): void {
  const bubble = all.find(({ name }) => name === door.target)
  if (bubble?.kind !== 'bubble' && bubble?.kind !== 'dead_end_bubble') {
    say(`there is no bubble "${door.target}"`)
    return
  }
  const inside = new Set(bubble.interior)
  if (!inside.has(door.into)) say(`${door.into} is not inside "${door.target}"`)
  if (inside.has(door.anchor)) say(`its entry ${door.anchor} is inside "${door.target}"`)
  if (!leads(map, door.anchor, door.into)) say(`does not lead from ${door.anchor} to ${door.into}`)
  if (leads(map, door.into, door.anchor)) say('leads back')
  const hops = spread(map.around, [bubble.anchor], (_, to) => !inside.has(to)).get(door.anchor)
  if (hops !== undefined && hops < BACKDOOR_HOPS) say(`is ${hops} hops from the gateway, of at least ${BACKDOOR_HOPS}`)
}

function checkLost({ anchor, interior }: Of<'lost_sector' | 'lost_cluster'>, map: StarMap, say: Say): void {
  const group = [anchor, ...interior].sort((a, b) => a - b).join(', ')
  for (const ways of [map.exits, map.entries]) {
    const found = [...spread(ways, [anchor]).keys()].sort((a, b) => a - b).join(', ')
    if (found !== group) say(`is in one piece with ${found}; it declares ${group}`)
  }
}

function checkArchipelago(
  { anchor, interior, clusters }: Of<'archipelago'>,
  all: readonly FormationFile[],
  say: Say,
): void {
  const members: number[] = []
  for (const name of clusters) {
    const cluster = all.find((other) => other.name === name)
    if (cluster?.kind !== 'lost_cluster') say(`there is no lost cluster "${name}"`)
    else members.push(cluster.anchor, ...cluster.interior)
  }
  const sorted = (sectors: number[]) => sectors.sort((a, b) => a - b).join(', ')
  if (sorted(members) !== sorted([anchor, ...interior])) say('does not have the sectors of its clusters')
}

/** The sector is joined to those and to nobody else; to the ones in `bothWays` there and back. */
function checkNeighbours(
  sector: number,
  due: readonly number[],
  bothWays: readonly number[],
  map: StarMap,
  say: Say,
): void {
  const found = [...(map.around.get(sector) ?? [])]
  const others = found.filter((other) => !due.includes(other))
  if (others.length > 0) say(`${sector} is joined to ${others.join(', ')} too`)
  const missing = due.filter((other) => !found.includes(other))
  if (missing.length > 0) say(`${sector} is not joined to ${missing.join(', ')}`)
  for (const other of bothWays)
    if (!joinsBothWays(map, sector, other)) say(`${sector} and ${other} are not joined both ways`)
}
