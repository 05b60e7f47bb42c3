import type { Prng } from '@terrane/core'
import { BLUEPRINTS, type StructureKind } from '../blueprints.js'
import {
  FOUNDATION_REACH,
  HARVEST_YIELD,
  HOLD_MASS_MAX,
  HULL_SOUND,
  REGION_SIZE,
  STRUCTURE_SPACING,
} from '../bounds.js'
import { type Bill, billEntries, type Content, ITEMS, MASS, massOfBill, RESOURCES, type Resource } from '../goods.js'
import type { ResourceNode, Structure } from '../kinds.js'
import { recipeOf } from '../recipes.js'
import { distance, isWithin, type Point } from '../region/layout.js'
import { blueprintOf, isWorking } from '../structures.js'
import type { Errand } from './errands.js'
import { billFor, isComplete, nextOf, type Work, workFor } from './settlement-plan.js'
import { type Amounts, massOf, nothing, type View } from './view.js'

/** Whatever does not get done in this time is given up. A flight across the region takes half of it. */
const ERRAND_MS_MAX = 5 * 60_000
/** A bot gathers for so many structures at once before it builds. */
const STRUCTURES_AHEAD = 4
/** How far from home a bot works; within it, home stays in sight. */
const HOME_RANGE = 6_000
/** Within this, all of the own settlement is in sight. */
const HOME_SIGHT = HOME_RANGE + 500
/** How far from home a bot goes for what is not to be had there. */
const EXPEDITION_RANGE = 16_000
/** Share of choices on an expedition that end it. */
const HOMESICK_SHARE = 0.1
/** How far a bot without a home looks for one. */
const SETTLE_RANGE = 14_000
/** Share of bots' choices that go where somebody has settled already. */
const SOCIABLE_SHARE = 0.6
/** A node with less is left alone to grow. */
const WORTH_HARVESTING = 40
const PLACE_TRIES_MAX = 24

/** What a bot keeps in mind beyond what it sees. */
export interface Memory {
  /** The next structures of the settlement, as they were when home was last in sight. */
  wanted: readonly StructureKind[]
}

/** What to do next: the first of these that applies. */
export function chooseErrand(view: View, memory: Memory, prng: Prng): Errand {
  const home = homeOf(view)
  const isHome = home === undefined || isWithin(view.ship, home, HOME_SIGHT)
  if (isHome) memory.wanted = nextOf(own(view).map(kindOf), STRUCTURES_AHEAD)
  else return expedition(view, memory, prng, home)
  return (
    takeABreak(view, prng) ??
    mend(view, prng) ??
    makeRoom(view, prng) ??
    grow(view, memory, prng, home) ??
    leisure(view, memory, prng)
  )
}

/** Away for what home lacks. Back with it, or with a full hold, or when luck has run out. */
function expedition(view: View, memory: Memory, prng: Prng, home: Point): Errand {
  const homewards = () => roamTo(view, near(home, 1_000, prng))
  const [first] = memory.wanted
  if (first === undefined || prng.chance(HOMESICK_SHARE)) return homewards()
  const { missing } = workFor(BLUEPRINTS[first].cost, view.hold)
  return supply(view, prng, timesContent(missing, STRUCTURES_AHEAD)) ?? homewards()
}

function homeOf({ player }: View): Point | undefined {
  return player.homeX === null || player.homeY === null ? undefined : { x: player.homeX, y: player.homeY }
}

function takeABreak(view: View, prng: Prng): Errand | undefined {
  return prng.chance(0.03) ? { kind: 'rest', deadline: view.now + prng.between(2_000, 10_000) } : undefined
}

/** Hull first, then a damaged structure nearby, anyone's, when there is a plate for it. */
function mend(view: View, prng: Prng): Errand | undefined {
  if (view.hold.plate === 0) return undefined
  const refinery = view.structures.find((each) => each.kind === 'refinery' && isWorking(each))
  if (view.ship.hull < HULL_SOUND && refinery !== undefined) return visit(view, prng, 'overhaul', refinery)
  const home = homeOf(view) ?? view.ship
  const damaged = view.structures.filter(
    (each) => each.hp < blueprintOf(each).hpMax * 0.6 && isWithin(each, home, HOME_RANGE),
  )
  const chosen = closest(damaged, view.ship)
  return chosen === undefined || !prng.chance(0.5) ? undefined : visit(view, prng, 'repair', chosen)
}

/** Puts the heaviest thing of a nearly full hold in a storage. */
function makeRoom(view: View, prng: Prng): Errand | undefined {
  if (massOf(view.hold) < HOLD_MASS_MAX * 0.85) return undefined
  const item = [...ITEMS].sort((a, b) => view.hold[b] * MASS[b] - view.hold[a] * MASS[a])[0] ?? 'ore'
  for (const structure of own(view, 'storage')) {
    const room = Math.floor((blueprintOf(structure).capacity - massOf(storedIn(view, structure))) / MASS[item])
    const amount = Math.min(room, view.hold[item])
    if (amount > 0) return { ...visit(view, prng, 'store', structure), item, amount }
  }
  return undefined
}

/** The next structures of the settlement: find what is missing, craft, build. */
function grow(view: View, memory: Memory, prng: Prng, home: Point | undefined): Errand | undefined {
  const [first] = memory.wanted
  if (first === undefined) return undefined
  const { cost } = BLUEPRINTS[first]
  if (isCovered(cost, view.hold)) return buildNext(view, prng, first, home)
  // For several at once when what they take can be found here, and else for the first alone.
  const together = billFor(memory.wanted)
  for (const bill of massOfBill(together) <= HOLD_MASS_MAX * 0.7 ? [together, cost] : [cost]) {
    const work = workFor(bill, view.hold)
    const [craft] = work.crafts
    if (isComplete(work)) return craft === undefined ? undefined : craftAt(view, prng, craft)
    const errand = supply(view, prng, work.missing)
    if (errand !== undefined) return errand
  }
  return undefined
}

function isCovered(bill: Bill, hold: Amounts): boolean {
  return billEntries(bill).every(([item, amount]) => hold[item] >= amount)
}

function buildNext(view: View, prng: Prng, structure: StructureKind, home: Point | undefined): Errand {
  const at = home === undefined ? siteForHome(view, prng) : siteBeside(view, prng)
  if (at === undefined) return wander(view, prng)
  return { kind: 'build', structure, at, stand: near(at, 200, prng), deadline: view.now + ERRAND_MS_MAX }
}

function craftAt(view: View, prng: Prng, craft: Work['crafts'][number]): Errand {
  const deadline = view.now + ERRAND_MS_MAX
  if (!recipeOf(craft.recipe).atRefinery) return { kind: 'craft', ...craft, stand: placeOf(view), deadline }
  const refinery = closest(
    view.structures.filter((each) => each.kind === 'refinery' && isWorking(each)),
    view.ship,
  )
  if (refinery === undefined) return wander(view, prng)
  return { kind: 'craft', ...craft, stand: near(refinery, 200, prng), deadline }
}

/** Missing resources come from the own storages or from the nearest node that is worth it. */
function supply(view: View, prng: Prng, missing: Content): Errand | undefined {
  if (freeMass(view) < HARVEST_YIELD) return undefined
  for (const item of RESOURCES) {
    if (missing[item] === 0) continue
    for (const structure of own(view, 'storage')) {
      const amount = Math.min(missing[item], storedIn(view, structure)[item], freeMass(view))
      if (amount > 0) return { ...visit(view, prng, 'fetch', structure), item, amount }
    }
  }
  const wanted = RESOURCES.filter((resource) => missing[resource] > 0)
  const node = closest(worthwhile(view, wanted), view.ship)
  if (node === undefined) return undefined
  const resource = node.resource as Resource
  return gather(view, prng, node, view.hold[resource] + missing[resource])
}

/** With nothing to build: fill the storage, take something down to build it anew, or see the world. */
function leisure(view: View, memory: Memory, prng: Prng): Errand {
  if (memory.wanted.length > 0) return wander(view, prng, EXPEDITION_RANGE)
  const hasRoom = own(view, 'storage').some((each) => massOf(storedIn(view, each)) < blueprintOf(each).capacity * 0.8)
  const node = closest(worthwhile(view, RESOURCES), view.ship)
  if (hasRoom && node !== undefined && prng.chance(0.6)) return gather(view, prng, node, HOLD_MASS_MAX)
  const walls = own(view, 'wall')
  if (walls.length > 0 && freeMass(view) > 50 && prng.chance(0.2))
    return visit(view, prng, 'dismantle', prng.pick(walls))
  return wander(view, prng)
}

function gather(view: View, prng: Prng, node: ResourceNode, until: number): Errand {
  return {
    kind: 'gather',
    node: node.id,
    resource: node.resource as Resource,
    until,
    stand: near(node, 140, prng),
    deadline: view.now + ERRAND_MS_MAX,
  }
}

/** To a sector not too far from home, or from here. */
function wander(view: View, prng: Prng, range = HOME_RANGE): Errand {
  const home = homeOf(view)
  const reach = home === undefined ? SETTLE_RANGE : range
  const within = view.sectors.filter((sector) => isWithin(sector, home ?? view.ship, reach))
  return roamTo(view, near(within.length === 0 ? view.ship : prng.pick(within), 900, prng))
}

function roamTo(view: View, stand: Point): Errand {
  return { kind: 'roam', stand, deadline: view.now + ERRAND_MS_MAX }
}

/** Beside a foundation that somebody has put up, so that settlements become towns; or in a sector of one's own. */
function siteForHome(view: View, prng: Prng): Point | undefined {
  const foundations = view.structures.filter((each) => each.kind === 'foundation')
  const centre =
    foundations.length > 0 && prng.chance(SOCIABLE_SHARE)
      ? prng.pick(foundations)
      : closest(view.sectors, near(view.ship, HOME_RANGE / 2, prng))
  return centre === undefined ? undefined : freePlace(view, prng, centre, FOUNDATION_REACH * 1.5)
}

/** On one of the own foundations. */
function siteBeside(view: View, prng: Prng): Point | undefined {
  const foundations = own(view, 'foundation')
  return foundations.length === 0 ? undefined : freePlace(view, prng, prng.pick(foundations), FOUNDATION_REACH * 0.6)
}

/** Where nothing stands too close; on a grid, so that settlements have streets. */
function freePlace(view: View, prng: Prng, centre: Point, range: number): Point | undefined {
  const grid = STRUCTURE_SPACING * 1.5
  const steps = Math.floor(range / grid)
  for (let tries = 0; tries < PLACE_TRIES_MAX; tries++) {
    const at = inRegion({
      x: centre.x + grid * prng.between(-steps, steps),
      y: centre.y + grid * prng.between(-steps, steps),
    })
    const free = view.structures.every((other) => !isWithin(other, at, STRUCTURE_SPACING))
    if (free && isWithin(at, centre, range)) return at
  }
  return undefined
}

type Visit = 'store' | 'fetch' | 'repair' | 'overhaul' | 'dismantle'

function visit<K extends Visit>(view: View, prng: Prng, kind: K, structure: Structure) {
  return { kind, structure: structure.id, stand: near(structure, 200, prng), deadline: view.now + ERRAND_MS_MAX }
}

function worthwhile(view: View, resources: readonly string[]): ResourceNode[] {
  return view.nodes.filter((node) => resources.includes(node.resource) && node.remaining >= WORTH_HARVESTING)
}

/** The player's structures in sight, all or of one kind. */
function own(view: View, kind?: StructureKind): Structure[] {
  return view.structures.filter((each) => each.owner === view.player.id && (kind === undefined || each.kind === kind))
}

function kindOf(structure: Structure): StructureKind {
  return structure.kind as StructureKind
}

function timesContent(content: Content, times: number): Content {
  return Object.fromEntries(RESOURCES.map((resource) => [resource, content[resource] * times])) as Record<
    Resource,
    number
  >
}

function storedIn(view: View, structure: Structure): Amounts {
  return view.stores.get(structure.id) ?? EMPTY
}

const EMPTY: Amounts = nothing()

function freeMass(view: View): number {
  return HOLD_MASS_MAX - massOf(view.hold)
}

function placeOf({ ship }: View): Point {
  return { x: ship.x, y: ship.y }
}

function closest<P extends Point>(points: readonly P[], to: Point): P | undefined {
  let best: P | undefined
  for (const point of points) if (best === undefined || distance(point, to) < distance(best, to)) best = point
  return best
}

function near(point: Point, range: number, prng: Prng): Point {
  return inRegion({ x: point.x + prng.between(-range, range), y: point.y + prng.between(-range, range) })
}

function inRegion(point: Point): Point {
  const clamp = (value: number) => Math.min(REGION_SIZE, Math.max(0, Math.round(value)))
  return { x: clamp(point.x), y: clamp(point.y) }
}
