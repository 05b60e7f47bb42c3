import type { Box } from '../model/sky.js'

/** Where the map looks. Map units; `scale` in CSS pixels per map unit. */
export interface View {
  /** In the middle of what can be seen. */
  readonly x: number
  readonly y: number
  readonly scale: number
}

/** CSS pixels. */
export interface Screen {
  readonly width: number
  readonly height: number
  /** The map is behind it, and its middle is not. */
  readonly covered: Covered
}

/** How much panels cover at the edges, CSS pixels. */
export interface Covered {
  readonly left: number
  readonly above: number
  readonly below: number
}

export const UNCOVERED: Covered = { left: 0, above: 0, below: 0 }

export const SCALE_MAX = 12
/** Zoomed out until the whole is this share of the screen. */
const OUT_SHARE = 0.6
const FIT_SHARE = 0.96

/** The middle of what nothing covers. */
export function middleOf({ width, height, covered }: Screen): { x: number; y: number } {
  return { x: (width + covered.left) / 2, y: (height + covered.above - covered.below) / 2 }
}

export function toScreen(view: View, screen: Screen, x: number, y: number): { x: number; y: number } {
  const at = middleOf(screen)
  return { x: at.x + (x - view.x) * view.scale, y: at.y + (y - view.y) * view.scale }
}

export function toMap(view: View, screen: Screen, x: number, y: number): { x: number; y: number } {
  const at = middleOf(screen)
  return { x: view.x + (x - at.x) / view.scale, y: view.y + (y - at.y) / view.scale }
}

/** What can be seen, what panels cover included. */
export function visibleBox(view: View, screen: Screen): Box {
  const a = toMap(view, screen, 0, 0)
  const b = toMap(view, screen, screen.width, screen.height)
  return { left: a.x, top: a.y, right: b.x, bottom: b.y }
}

/** Shows a box whole. @param scaleMax not larger than this */
export function fitBox({ left, top, right, bottom }: Box, screen: Screen, scaleMax = SCALE_MAX): View {
  const width = Math.max(1, screen.width - screen.covered.left)
  const height = Math.max(1, screen.height - screen.covered.above - screen.covered.below)
  const scale = FIT_SHARE * Math.min(width / (right - left), height / (bottom - top))
  return { x: (left + right) / 2, y: (top + bottom) / 2, scale: Math.min(scaleMax, scale) }
}

/** By a factor, around a point of the screen that stays where it is. */
export function zoomAt(view: View, screen: Screen, factor: number, at: { x: number; y: number }, bounds: Box): View {
  const scale = clampScale(view.scale * factor, screen, bounds)
  const fixed = toMap(view, screen, at.x, at.y)
  const moved = toMap({ ...view, scale }, screen, at.x, at.y)
  return clampView({ x: view.x + fixed.x - moved.x, y: view.y + fixed.y - moved.y, scale }, screen, bounds)
}

/** By CSS pixels: what is under a finger goes with it. */
export function panBy(view: View, screen: Screen, dx: number, dy: number, bounds: Box): View {
  return clampView({ ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale }, screen, bounds)
}

/** Keeps the middle of the screen on the map, and the map from becoming a dot. */
export function clampView(view: View, screen: Screen, { left, top, right, bottom }: Box): View {
  return {
    x: Math.min(right, Math.max(left, view.x)),
    y: Math.min(bottom, Math.max(top, view.y)),
    scale: clampScale(view.scale, screen, { left, top, right, bottom }),
  }
}

function clampScale(scale: number, screen: Screen, bounds: Box): number {
  const least = Math.min(SCALE_MAX, fitBox(bounds, screen).scale * OUT_SHARE)
  return Math.min(SCALE_MAX, Math.max(least, scale))
}
