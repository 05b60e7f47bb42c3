import { CARS, type CarZone, COURIER, TERMINAL } from '@terrane/world-maglev'
import { FLOOR } from '@terrane/world-maglev/physics'

/** Micrometres in the unit of drawing: 1 m. */
export const METRE = 1_000_000
export const LENGTH_M = FLOOR.x / METRE
export const WIDTH_M = FLOOR.y / METRE
/** Of the wall around the floor. */
export const WALL_M = 0.32

/** A rectangle of the screen that shows a piece of the train. Pixels are those of the page; the rest is metres. */
export interface Pane {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** What of the train is in the middle. */
  readonly x: number
  readonly y: number
  /** Pixels per metre. */
  readonly scale: number
  /** The train runs up the screen. */
  readonly isUpright: boolean
  /** Without names and details. */
  readonly isSmall: boolean
}

export interface Area {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Where a point of the train is on the screen. */
export function toScreen({ left, top, width, height, x, y, scale, isUpright }: Pane, at: { x: number; y: number }) {
  const along = (at.x - x) * scale
  const across = (at.y - y) * scale
  return isUpright
    ? { x: left + width / 2 + across, y: top + height / 2 - along }
    : { x: left + width / 2 + along, y: top + height / 2 + across }
}

/** Puts metres of the train on the pane: to be called within save and restore. */
export function enter(context: CanvasRenderingContext2D, pane: Pane): void {
  context.beginPath()
  context.rect(pane.left, pane.top, pane.width, pane.height)
  context.clip()
  context.translate(pane.left + pane.width / 2, pane.top + pane.height / 2)
  if (pane.isUpright) context.rotate(-Math.PI / 2)
  context.scale(pane.scale, pane.scale)
  context.translate(-pane.x, -pane.y)
}

/** From where to where the pane shows the train, along it. */
export function reach({ x, scale, width, height, isUpright }: Pane): { readonly from: number; readonly to: number } {
  const half = (isUpright ? height : width) / scale / 2
  return { from: x - half, to: x + half }
}

const middleOf = (zone: CarZone) => (CARS[zone].from + CARS[zone].to) / 2 / METRE
/** Air around a car, and around the train, that is shown as well. */
const MARGIN_M = 0.9
const GAP_PX = 12

/** Both cars at once: side by side where the screen is high, one above the other where it is wide. */
export function wholeTrain(area: Area, isUpright: boolean): Pane[] {
  const count = 2
  const long = isUpright ? area.height : area.width
  const short = (isUpright ? area.width : area.height) / count
  const scale = Math.min(long / (LENGTH_M / 2 + MARGIN_M), short / (WIDTH_M + 2 * MARGIN_M), 90)
  return [COURIER, TERMINAL].map((zone, i) => {
    const box = isUpright
      ? { left: area.left + i * short, top: area.top, width: short, height: area.height }
      : { left: area.left, top: area.top + i * short, width: area.width, height: short }
    return { ...box, x: middleOf(zone), y: WIDTH_M / 2, scale, isUpright, isSmall: false }
  })
}

/** Close to somebody, and the whole train small beside it. */
export function following(area: Area, isUpright: boolean, x: number): Pane[] {
  const long = isUpright ? area.height : area.width
  const stripScale = (long - 16) / (LENGTH_M + 2 * WALL_M + 0.6)
  const strip = stripScale * (WIDTH_M + 2 * WALL_M + 0.5)
  const short = (isUpright ? area.width : area.height) - strip - GAP_PX
  const scale = Math.max(28, Math.min(short / (WIDTH_M + 2.2 * MARGIN_M), long / 8, 130))
  const main = isUpright
    ? { left: area.left, top: area.top, width: area.width - strip - GAP_PX, height: area.height }
    : { left: area.left, top: area.top, width: area.width, height: area.height - strip - GAP_PX }
  const small = isUpright
    ? { left: area.left + area.width - strip, top: area.top, width: strip, height: area.height }
    : { left: area.left, top: area.top + area.height - strip, width: area.width, height: strip }
  const half = long / scale / 2
  const ends = MARGIN_M + 0.5
  const centre =
    LENGTH_M + 2 * ends < 2 * half ? LENGTH_M / 2 : Math.min(LENGTH_M + ends - half, Math.max(half - ends, x))
  return [
    { ...main, x: centre, y: WIDTH_M / 2, scale, isUpright, isSmall: false },
    { ...small, x: LENGTH_M / 2, y: WIDTH_M / 2, scale: stripScale, isUpright, isSmall: true },
  ]
}
