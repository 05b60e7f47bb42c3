// Which zone a place belongs to, and which others are near it.
import type { Bounds, Position } from '@terrane/causality'
import { TerraneError } from '@terrane/core'

export type { Bounds, Position }

/** Who owns a place, and who is near it. Pure: every zone comes to the same answer. */
export interface Borders {
  /** The zone that owns a place; undefined where nobody does. */
  ownerOf(position: Position): string | undefined
  /** The zones that own a place within `reach` of a position along each axis, in world units. Its own may be among them. */
  within(position: Position, reach: Position): readonly string[]
}

const AXES = ['x', 'y', 'z'] as const

/**
 * Zones as boxes: `min` is inside, `max` is not, and `Infinity` leaves a box open to a side. Throws `invalid_world` when
 * two of them overlap: a place has one owner.
 */
export function boxes(zones: Readonly<Record<string, Bounds>>): Borders {
  const all = Object.entries(zones)
  for (const [i, [zone, { min, max }]] of all.entries()) {
    if (!AXES.every((axis) => min[axis] < max[axis])) throw invalid(`the box of zone "${zone}" is empty`)
    const overlapping = all
      .slice(i + 1)
      .find(([, other]) => AXES.every((axis) => min[axis] < other.max[axis] && other.min[axis] < max[axis]))
    if (overlapping !== undefined) throw invalid(`the boxes of zones "${zone}" and "${overlapping[0]}" overlap`)
  }
  const contains = ({ min, max }: Bounds, at: Position) =>
    AXES.every((axis) => min[axis] <= at[axis] && at[axis] < max[axis])
  const isNear = ({ min, max }: Bounds, at: Position, reach: Position) =>
    AXES.every((axis) => at[axis] - reach[axis] <= max[axis] && at[axis] + reach[axis] >= min[axis])
  return {
    ownerOf: (position) => all.find(([, box]) => contains(box, position))?.[0],
    within: (position, reach) => all.filter(([, box]) => isNear(box, position, reach)).map(([zone]) => zone),
  }
}

function invalid(message: string): TerraneError {
  return new TerraneError('invalid_world', message, { hint: 'Give every place one zone at most.' })
}
