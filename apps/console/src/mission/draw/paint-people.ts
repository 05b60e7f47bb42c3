import { type Limb, type Limbs, STUN_TICKS, ZAP_COOLDOWN_TICKS } from '@terrane/world-maglev'
import { PLAYER_RADIUS } from '@terrane/world-maglev/physics'
import { hueOf } from '../model/call-sign.js'
import { disc, ring } from './paint-things.js'
import type { Palette } from './palette.js'
import type { SceneRunner } from './scene.js'
import { METRE, type Pane } from './view.js'

type Context = CanvasRenderingContext2D

const RADIUS = PLAYER_RADIUS / METRE
const TURN = 2 * Math.PI
/** Poses: millimetres, and quaternions in 1/10,000. */
const MM = 1_000
const QUATERNION_ONE = 10_000

/** Which way everybody looks, and how far they have walked. */
export class Gaits {
  readonly #gaits = new Map<string, { x: number; y: number; walked: number; facing: number }>()

  of({ row, x, y }: SceneRunner): { readonly walked: number; readonly facing: number } {
    const held = this.#gaits.get(row.player)
    if (held === undefined) {
      const fresh = { x, y, walked: 0, facing: Math.atan2(row.vy, row.vx) }
      this.#gaits.set(row.player, fresh)
      return fresh
    }
    const dx = x - held.x
    const dy = y - held.y
    const distance = Math.hypot(dx, dy)
    if (distance > 0.003 && distance < 1) {
      held.walked += distance
      const turn = Math.atan2(dy, dx) - held.facing
      held.facing += Math.atan2(Math.sin(turn), Math.cos(turn)) * 0.35
    }
    held.x = x
    held.y = y
    return held
  }

  /** Forgets those who have gone. */
  keep(players: ReadonlySet<string>): void {
    for (const player of this.#gaits.keys()) if (!players.has(player)) this.#gaits.delete(player)
  }
}

export function paintRunner(
  context: Context,
  pane: Pane,
  palette: Palette,
  runner: SceneRunner,
  { walked, facing }: { readonly walked: number; readonly facing: number },
  tick: number,
): void {
  const { x, y, row, isOwn, limbs } = runner
  const color = colorOf(row.player, palette)
  if (pane.isSmall) {
    if (isOwn) disc(context, x, y, 0.52, palette.own)
    disc(context, x, y, 0.32, color)
    return
  }
  const isStunned = row.stunnedUntil > tick
  disc(context, x + 0.07, y + 0.1, RADIUS, palette.shadow)
  if (isOwn) {
    context.strokeStyle = palette.own
    context.lineWidth = 0.045
    context.globalAlpha = 0.9
    ring(context, x, y, RADIUS + 0.13, 0, TURN)
    context.globalAlpha = 1
    const charge = Math.min(1, Math.max(0, (row.zapAt - tick) / ZAP_COOLDOWN_TICKS))
    context.strokeStyle = palette.zap
    context.lineWidth = 0.06
    if (charge > 0) ring(context, x, y, RADIUS + 0.24, -Math.PI / 2, -Math.PI / 2 + TURN * charge)
  }
  context.save()
  context.translate(x, y)
  context.rotate(facing)
  const stride = Math.sin(walked * 6) * 0.13
  for (const [side, at] of [
    [1, stride],
    [-1, -stride],
  ] as const) {
    context.fillStyle = palette.capEdge
    context.beginPath()
    context.ellipse(at, side * 0.14, 0.12, 0.07, 0, 0, TURN)
    context.fill()
  }
  context.fillStyle = isStunned ? palette.droneOff : color
  context.strokeStyle = palette.isDark ? 'rgba(6, 9, 16, 0.9)' : 'rgba(20, 27, 36, 0.55)'
  context.lineWidth = 0.03
  // Shoulders, then arms, then the head.
  context.beginPath()
  context.ellipse(0, 0, 0.19, RADIUS, 0, 0, TURN)
  context.fill()
  context.stroke()
  const isCarrying = row.carries !== null
  if (limbs === undefined) {
    for (const side of [1, -1]) {
      const hand = isCarrying ? { x: 0.32, y: side * 0.17 } : { x: 0.12 - side * stride * 0.7, y: side * 0.28 }
      disc(context, hand.x, hand.y, 0.075, isStunned ? palette.droneOff : color)
    }
    disc(context, 0.03, 0, 0.155, color)
    context.stroke()
    context.fillStyle = palette.isDark ? '#0b1118' : '#ffffff'
    context.beginPath()
    context.ellipse(0.1, 0, 0.05, 0.1, 0, 0, TURN)
    context.fill()
  }
  if (limbs !== undefined) paintHeadset(context, palette, limbs, color)
  context.restore()
  if (isStunned) paintStun(context, palette, x, y, (row.stunnedUntil - tick) / STUN_TICKS, tick)
}

/** Where a core is in the hands of who carries it. */
export function inHands({ x, y }: { readonly x: number; readonly y: number }, facing: number) {
  return { x: x + Math.cos(facing) * 0.36, y: y + Math.sin(facing) * 0.36 }
}

/** Head and hands as they are held: higher is larger. On a context whose x is forward and whose y is to the right. */
function paintHeadset(context: Context, palette: Palette, [head, left, right]: Limbs, color: string): void {
  context.strokeStyle = color
  for (const [hand, shoulder] of [
    [left, -0.2],
    [right, 0.2],
  ] as const) {
    const at = place(hand)
    context.lineWidth = 0.07
    context.beginPath()
    context.moveTo(0, shoulder)
    context.lineTo(at.x, at.y)
    context.stroke()
    disc(context, at.x, at.y, 0.07 + 0.03 * at.height, palette.isDark ? '#ffffff' : '#141b24')
    disc(context, at.x, at.y, 0.035 + 0.03 * at.height, color)
  }
  const at = place(head)
  context.save()
  context.translate(at.x, at.y)
  context.rotate(-yawOf(head))
  disc(context, 0, 0, 0.17, color)
  context.fillStyle = palette.isDark ? '#f4f8ff' : '#141b24'
  context.beginPath()
  context.roundRect(0.04, -0.15, 0.15, 0.3, 0.06)
  context.fill()
  context.fillStyle = palette.zap
  context.fillRect(0.14, -0.1, 0.03, 0.2)
  context.restore()
}

/** Devices tell how far to the right, ahead and up. */
function place([right, ahead, up]: Limb) {
  return { x: ahead / MM, y: right / MM, height: Math.min(1.5, Math.max(0, up / MM)) }
}

/** About the axis that points up. */
function yawOf([, , , x, y, z, w]: Limb): number {
  const one = QUATERNION_ONE * QUATERNION_ONE
  return Math.atan2((2 * (w * z + x * y)) / one, 1 - (2 * (y * y + z * z)) / one)
}

function paintStun(context: Context, palette: Palette, x: number, y: number, left: number, tick: number): void {
  context.strokeStyle = palette.danger
  context.lineWidth = 0.055
  ring(context, x, y, RADIUS + 0.1, -Math.PI / 2, -Math.PI / 2 + TURN * Math.min(1, left))
  context.fillStyle = palette.danger
  for (let i = 0; i < 3; i++) {
    const angle = tick * 0.22 + (i * TURN) / 3
    star(context, x + Math.cos(angle) * 0.26, y + Math.sin(angle) * 0.26, 0.09)
  }
}

function star(context: Context, x: number, y: number, size: number): void {
  context.beginPath()
  for (let i = 0; i < 10; i++) {
    const radius = i % 2 === 0 ? size : size * 0.45
    context.lineTo(x + Math.cos((i * TURN) / 10) * radius, y + Math.sin((i * TURN) / 10) * radius)
  }
  context.fill()
}

export function colorOf(player: string, { isDark }: Palette): string {
  return `hsl(${hueOf(player)} 78% ${isDark ? 66 : 42}%)`
}
