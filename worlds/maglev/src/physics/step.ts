import type { Bank } from './bank.js'
import { contact, divide, type Push } from './contact.js'
import {
  CORE_RADIUS,
  type Core,
  FLOOR,
  PLAYER_RADIUS,
  SLOT_RADIUS,
  type Slot,
  type Slotted,
  SPEED_MAX,
  type Walker,
} from './floor.js'

/** Rolling resistance: a core loses 1/128 of its speed per tick. */
const RESISTANCE = 128
/** Walls give back 3/4 of the speed. */
const WALL = { of: 4, back: 3 } as const
const ACROSS: Stretch = { from: 0, to: FLOOR.y }
const WHOLE: Stretch = { from: 0, to: FLOOR.x }

/** A stretch of the floor between two walls, µm along the train. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

export interface FloorInputs {
  /** Where the cores are; default: the whole floor. */
  readonly stretch?: Stretch
  readonly bank: Bank
  readonly walkers: readonly Walker[]
  /** Those that are still empty. */
  readonly slots: readonly Slot[]
}

export interface FloorStep {
  /** Those that still roll, in the order given. */
  readonly cores: readonly Core[]
  readonly slotted: readonly Slotted[]
}

/**
 * One tick of 50 ms: cores roll by the bank, bounce off each other, walkers and walls, and fall into slots. All contacts
 * are found on the same positions and their effects added up, so the order of cores and walkers makes no difference.
 */
export function stepFloor(cores: readonly Core[], { bank, walkers, slots, stretch = WHOLE }: FloorInputs): FloorStep {
  const rolled = cores.map((core) => roll(core, bank))
  const moved = rolled.map((core) => within(collide(core, rolled, walkers), stretch))
  return fall(moved, slots)
}

function roll(core: Core, bank: Bank): Core {
  const vx = bounded(core.vx + bank.x - divide(core.vx, RESISTANCE))
  const vy = bounded(core.vy + bank.y - divide(core.vy, RESISTANCE))
  return { ...core, x: core.x + vx, y: core.y + vy, vx, vy }
}

function collide(core: Core, cores: readonly Core[], walkers: readonly Walker[]): Core {
  let { x, y, vx, vy, touchedBy } = core
  const add = (push: Push) => {
    x += push.x
    y += push.y
    vx += push.vx
    vy += push.vy
  }
  for (const other of cores) {
    const push = other.id === core.id ? undefined : contact(core, other, 2 * CORE_RADIUS, 2, core.id < other.id)
    if (push !== undefined) add(push)
  }
  let toucher: string | undefined
  for (const walker of walkers) {
    const push = contact(core, walker, CORE_RADIUS + PLAYER_RADIUS, 1, true)
    if (push === undefined) continue
    add(push)
    // Of several at once the least by name: not the first in some list.
    if (toucher === undefined || walker.player < toucher) toucher = walker.player
  }
  touchedBy = toucher ?? touchedBy
  return { ...core, x, y, vx, vy, touchedBy }
}

/** Walls come last: whatever pushes, nothing leaves the floor. */
function within(core: Core, stretch: Stretch): Core {
  const along = bounce(core.x, bounded(core.vx), stretch)
  const across = bounce(core.y, bounded(core.vy), ACROSS)
  return { ...core, x: along.at, vx: along.velocity, y: across.at, vy: across.velocity }
}

function bounce(
  at: number,
  velocity: number,
  { from, to }: Stretch,
): { readonly at: number; readonly velocity: number } {
  const low = from + CORE_RADIUS
  const high = to - CORE_RADIUS
  if (at >= low && at <= high) return { at, velocity }
  const isOutward = at < low ? velocity < 0 : velocity > 0
  return { at: at < low ? low : high, velocity: isOutward ? divide(-velocity * WALL.back, WALL.of) : velocity }
}

/** A slot takes the core with the lowest id of those over it; a core that is over two falls into the lower slot. */
function fall(cores: readonly Core[], slots: readonly Slot[]): FloorStep {
  const slotted: Slotted[] = []
  const fallen = new Set<number>()
  for (const slot of [...slots].sort((a, b) => a.id - b.id)) {
    let first: Core | undefined
    for (const core of cores) {
      if (fallen.has(core.id) || !isOver(core, slot)) continue
      if (first === undefined || core.id < first.id) first = core
    }
    if (first === undefined) continue
    fallen.add(first.id)
    slotted.push({ slot: slot.id, core: first })
  }
  return { cores: cores.filter(({ id }) => !fallen.has(id)), slotted }
}

function isOver(core: Core, slot: Slot): boolean {
  const dx = core.x - slot.x
  const dy = core.y - slot.y
  return dx * dx + dy * dy <= SLOT_RADIUS * SLOT_RADIUS
}

function bounded(velocity: number): number {
  return Math.max(-SPEED_MAX, Math.min(SPEED_MAX, velocity))
}
