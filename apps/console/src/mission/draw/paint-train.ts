import { CARS, COURIER, DOOR, TERMINAL } from '@terrane/world-maglev'
import type { Palette } from './palette.js'
import type { SceneCar, Tilt } from './scene.js'
import { METRE, type Pane, reach, WALL_M, WIDTH_M } from './view.js'

/** How high walls are when the train leans: what makes banking visible from above. */
const WALL_HEIGHT_M = 2.6
/** How fast the ground goes by, m/s. */
const SPEED = 34

type Context = CanvasRenderingContext2D

/** The ground under the train, and what flies by. @param seconds 0 where motion is not wanted */
export function paintGround(context: Context, pane: Pane, palette: Palette, tilt: Tilt, seconds: number): void {
  if (pane.isSmall) return
  const { from, to } = reach(pane)
  const across = (pane.isUpright ? pane.width : pane.height) / pane.scale / 2
  context.save()
  // The guideway stays where it is while the train leans over it.
  context.translate(0, -tilt.roll * 2.4)
  context.fillStyle = palette.beam
  context.fillRect(from - 1, -1.05, to - from + 2, WIDTH_M + 2.1)
  context.fillStyle = palette.tie
  const period = 2.5
  const shift = (seconds * SPEED) % period
  for (let x = Math.floor(from / period) * period - shift; x < to + period; x += period) {
    context.fillRect(x, -1.05, 0.24, 0.5)
    context.fillRect(x, WIDTH_M + 0.55, 0.24, 0.5)
  }
  for (let i = 0; i < 26; i++) paintStreak(context, palette, i, { from, to, across }, seconds)
  context.restore()
}

function paintStreak(
  context: Context,
  palette: Palette,
  i: number,
  { from, to, across }: { readonly from: number; readonly to: number; readonly across: number },
  seconds: number,
): void {
  const random = (salt: number) => ((Math.imul(i * 7 + salt, 0x9e37_79b1) >>> 8) & 0xffff) / 0xffff
  const outside = 1.3 + random(1) * Math.max(0.5, across - WIDTH_M / 2)
  const y = i % 2 === 0 ? -outside : WIDTH_M + outside
  const length = 1 + random(2) * 4
  const span = to - from + 12
  const x = to + 6 - ((random(3) * span + seconds * SPEED * (0.6 + random(4) * 0.8)) % span)
  context.fillStyle = `rgba(${palette.streak}, ${0.05 + random(5) * 0.13})`
  context.fillRect(x, y, length, 0.02 + random(6) * 0.035)
}

/** The floor of a car: which side is low shows in its light, and in marks that run down it. */
export function paintFloor(context: Context, pane: Pane, palette: Palette, scene: SceneCar, seconds: number): void {
  const { from, to } = stretch(scene.zone)
  context.fillStyle = palette.floor
  context.fillRect(from, 0, to - from, WIDTH_M)
  context.strokeStyle = palette.floorLine
  context.lineWidth = Math.max(0.02, 1 / pane.scale)
  context.beginPath()
  for (let x = from; x <= to; x += 1) {
    context.moveTo(x, 0)
    context.lineTo(x, WIDTH_M)
  }
  for (let y = 1; y < WIDTH_M; y += 1) {
    context.moveTo(from, y)
    context.lineTo(to, y)
  }
  context.stroke()
  shade(context, palette, scene.tilt, from, to)
  if (!pane.isSmall) paintChevrons(context, palette, scene.tilt, from, to, seconds)
}

function shade(context: Context, palette: Palette, { roll, pitch }: Tilt, from: number, to: number): void {
  const across = context.createLinearGradient(0, 0, 0, WIDTH_M)
  const strength = Math.min(1, Math.abs(roll) / 0.14)
  const [first, last] = roll > 0 ? [palette.high, palette.low] : [palette.low, palette.high]
  across.addColorStop(0, `rgba(${first}, ${alphaOf(first, palette) * strength})`)
  across.addColorStop(0.5, `rgba(${first}, 0)`)
  across.addColorStop(0.5, `rgba(${last}, 0)`)
  across.addColorStop(1, `rgba(${last}, ${alphaOf(last, palette) * strength})`)
  context.fillStyle = across
  context.fillRect(from, 0, to - from, WIDTH_M)
  const along = context.createLinearGradient(from, 0, to, 0)
  const weak = Math.min(1, Math.abs(pitch) / 0.052) * 0.6
  const [near, far] = pitch > 0 ? [palette.high, palette.low] : [palette.low, palette.high]
  along.addColorStop(0, `rgba(${near}, ${alphaOf(near, palette) * weak})`)
  along.addColorStop(1, `rgba(${far}, ${alphaOf(far, palette) * weak})`)
  context.fillStyle = along
  context.fillRect(from, 0, to - from, WIDTH_M)
}

function alphaOf(rgb: string, palette: Palette): number {
  if (palette.isDark) return rgb === palette.low ? 0.55 : 0.16
  return rgb === palette.low ? 0.26 : 0.9
}

function paintChevrons(
  context: Context,
  palette: Palette,
  { roll, pitch }: Tilt,
  from: number,
  to: number,
  seconds: number,
): void {
  const steep = Math.hypot(roll, pitch)
  const alpha = Math.min(1, steep / 0.14) * (palette.isDark ? 0.34 : 0.42)
  if (alpha < 0.03) return
  const angle = Math.atan2(roll, pitch)
  const run = (seconds * 0.9) % 1
  context.strokeStyle = `rgba(${palette.chevron}, ${alpha})`
  context.lineWidth = 0.045
  for (let x = from + 1; x < to; x += 2) {
    for (let y = 1; y < WIDTH_M; y += 2) {
      context.save()
      context.translate(x, y)
      context.rotate(angle)
      context.globalAlpha = Math.sin(run * Math.PI)
      context.translate((run - 0.5) * 0.7, 0)
      context.beginPath()
      for (const ahead of [0, 0.16]) {
        context.moveTo(ahead - 0.1, -0.15)
        context.lineTo(ahead, 0)
        context.lineTo(ahead - 0.1, 0.15)
      }
      context.stroke()
      context.restore()
    }
  }
  context.globalAlpha = 1
}

/** Walls, bulkhead and door of both cars, and the terminal at the end. */
export function paintWalls(context: Context, palette: Palette, tilt: Tilt, isDoorOpen: boolean): void {
  const end = CARS[TERMINAL].to / METRE
  const middle = CARS[COURIER].to / METRE
  const door = { from: (DOOR.y - DOOR.half) / METRE, to: (DOOR.y + DOOR.half) / METRE }
  const lean = { x: tilt.pitch * WALL_HEIGHT_M, y: tilt.roll * WALL_HEIGHT_M }
  const wall = (x: number, y: number, width: number, height: number) =>
    extrude(context, palette, { x, y, width, height }, lean)
  wall(-WALL_M, -WALL_M, end + 2 * WALL_M, WALL_M)
  wall(-WALL_M, WIDTH_M, end + 2 * WALL_M, WALL_M)
  wall(-WALL_M, 0, WALL_M, WIDTH_M)
  wall(end, 0, WALL_M, WIDTH_M)
  wall(middle - 0.12, 0, 0.24, door.from)
  wall(middle - 0.12, door.to, 0.24, WIDTH_M - door.to)
  paintDoor(context, palette, middle, door, lean, isDoorOpen)
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A wall whose top leans: its sides where they show, and the top. */
function extrude(
  context: Context,
  palette: Palette,
  { x, y, width, height }: Box,
  lean: { x: number; y: number },
): void {
  const corners = [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ] as const
  context.fillStyle = palette.side
  for (const [i, [ax, ay]] of corners.entries()) {
    const [bx, by] = corners[(i + 1) % 4] as readonly [number, number]
    context.beginPath()
    context.moveTo(ax, ay)
    context.lineTo(bx, by)
    context.lineTo(bx + lean.x, by + lean.y)
    context.lineTo(ax + lean.x, ay + lean.y)
    context.fill()
  }
  context.fillStyle = palette.cap
  context.fillRect(x + lean.x, y + lean.y, width, height)
  context.strokeStyle = palette.capEdge
  context.lineWidth = 0.025
  context.strokeRect(x + lean.x, y + lean.y, width, height)
}

function paintDoor(
  context: Context,
  palette: Palette,
  middle: number,
  { from, to }: { readonly from: number; readonly to: number },
  lean: { readonly x: number; readonly y: number },
  isOpen: boolean,
): void {
  const color = isOpen ? palette.open : palette.shut
  context.fillStyle = color
  // Posts with lights, on top of the bulkhead's ends.
  for (const y of [from - 0.14, to]) context.fillRect(middle - 0.16 + lean.x, y + lean.y, 0.32, 0.14)
  if (!isOpen) {
    context.globalAlpha = 0.75
    context.fillRect(middle - 0.05 + lean.x / 2, from, 0.1, to - from)
    context.globalAlpha = 1
    return
  }
  const glow = context.createLinearGradient(middle - 1.1, 0, middle + 1.1, 0)
  glow.addColorStop(0, `${color}00`)
  glow.addColorStop(0.5, `${color}3a`)
  glow.addColorStop(1, `${color}00`)
  context.fillStyle = glow
  context.fillRect(middle - 1.1, from, 2.2, to - from)
}

function stretch(zone: SceneCar['zone']): { readonly from: number; readonly to: number } {
  return { from: CARS[zone].from / METRE, to: CARS[zone].to / METRE }
}
