import type { Row } from '../world/row.js'
import type { PointLook, Shape } from './point-set.js'

/** What a map shows of a world, and how. Colours are 0xRRGGBB. */
export interface MapTheme {
  /** Fixed places, drawn as the nodes of a graph. */
  readonly places?: PlaceTheme
  /** What joins two places. */
  readonly links?: LinkTheme
  /** Kinds that have a position, in the order of drawing. */
  readonly points: readonly PointTheme[]
  readonly legend: readonly LegendGroup[]
}

export interface PlaceTheme {
  readonly kind: string
  position(row: Row): { readonly x: number; readonly y: number }
  label(row: Row): string
  color(row: Row): number
  /** Radius in pixels at the whole view. */
  size(row: Row): number
  /** Shade of the space around it. */
  glow(row: Row): number
  /** Radius of that space, in world units. */
  readonly glowRadius: number
}

export interface LinkTheme {
  readonly kind: string
  ends(row: Row): readonly [from: string | number, to: string | number]
  color(row: Row): number
}

export interface PointTheme {
  readonly kind: string
  readonly x: string
  readonly y: string
  /** @param mine whether it belongs to the player of this page. */
  look(row: Row, mine: boolean): PointLook
  /** Column with the id of the player to whom it belongs. */
  readonly owner?: string
  label(row: Row): string
  /** World units per pixel below which names are written. */
  readonly labelBelow: number
  /** World units that these keep from one another: seen from afar they are drawn small enough to tell apart. */
  readonly spacing?: number
  /** New ones draw attention. */
  readonly pulse: boolean
  /** Where it is going; drawn as a course for the one that is selected, and for the player's own. */
  course?(row: Row): { readonly x: number; readonly y: number } | undefined
}

export interface LegendGroup {
  readonly title: string
  readonly entries: readonly { readonly label: string; readonly color: number; readonly shape: Shape }[]
}

export function hex(color: number): string {
  return `#${color.toString(16).padStart(6, '0')}`
}

/** @param share of `b`, 0 to 1. */
export function mixColors(a: number, b: number, share: number): number {
  let mixed = 0
  for (const shift of [16, 8, 0]) {
    const low = (a >> shift) & 0xff
    const high = (b >> shift) & 0xff
    mixed |= Math.round(low + (high - low) * share) << shift
  }
  return mixed
}
