import { DRONE_SIGHT, UPLOAD_TICKS, ZAPPED_TICKS } from '@terrane/world-maglev'
import { hueOf } from '../model/call-sign.js'
import type { Palette } from './palette.js'
import type { SceneCar, SceneCore, SceneDrone, SceneSlot } from './scene.js'
import { LENGTH_M, METRE, type Pane, WIDTH_M } from './view.js'

type Context = CanvasRenderingContext2D

const TURN = 2 * Math.PI
/** A little larger than they are, to be seen. */
const CORE_M = 0.19
const SLOT_M = 0.3
const DRONE_M = 0.26

/** The mainframe along the far wall, and its holes with what they read. */
export function paintSlots(
  context: Context,
  pane: Pane,
  palette: Palette,
  { slots, tick }: SceneCar,
  seconds: number,
): void {
  if (slots.length === 0) return
  const edge = LENGTH_M - 0.62
  context.fillStyle = palette.side
  context.fillRect(edge, 0.08, 0.56, WIDTH_M - 0.16)
  for (const slot of slots) paintSlot(context, pane, palette, slot, { edge, tick, seconds })
}

function paintSlot(
  context: Context,
  pane: Pane,
  palette: Palette,
  { x, y, row }: SceneSlot,
  { edge, tick, seconds }: { readonly edge: number; readonly tick: number; readonly seconds: number },
): void {
  const isBusy = row.core !== null
  const read = isBusy ? Math.min(1, Math.max(0, 1 - (row.freeAt - tick) / UPLOAD_TICKS)) : 0
  // The cable, along which bits run while a core is read.
  context.strokeStyle = isBusy ? palette.busy : palette.slot
  context.globalAlpha = isBusy ? 0.9 : 0.35
  context.lineWidth = 0.035
  context.setLineDash(isBusy ? [0.09, 0.07] : [])
  context.lineDashOffset = isBusy ? -seconds * 1.2 : 0
  context.beginPath()
  context.moveTo(x + SLOT_M, y)
  context.lineTo(edge, y)
  context.stroke()
  context.setLineDash([])
  context.globalAlpha = 1
  // Its screen on the terminal.
  context.fillStyle = isBusy ? palette.busy : palette.slot
  context.globalAlpha = isBusy ? 0.35 + 0.65 * read : 0.22
  context.fillRect(edge + 0.12, y - 0.2, 0.32, 0.4)
  context.globalAlpha = 1
  if (pane.isSmall) {
    disc(context, x, y, SLOT_M, isBusy ? palette.busy : palette.slot)
    return
  }
  disc(context, x, y, SLOT_M, palette.ground)
  context.lineWidth = 0.055
  context.strokeStyle = palette.slot
  context.globalAlpha = isBusy ? 0.25 : 0.55 + 0.35 * Math.sin(seconds * 3 + row.id)
  ring(context, x, y, SLOT_M, 0, TURN)
  context.globalAlpha = 1
  if (!isBusy) return
  disc(context, x, y, SLOT_M * 0.55, `hsl(${hueOf(row.by ?? '')} 75% ${palette.isDark ? 62 : 44}%)`)
  context.strokeStyle = palette.busy
  context.lineWidth = 0.085
  ring(context, x, y, SLOT_M, -Math.PI / 2, -Math.PI / 2 + TURN * read)
}

/** How far each core has rolled, and from where: their stripes turn with them. */
export class Rolling {
  readonly #cores = new Map<number, { x: number; y: number; turned: number; angle: number }>()

  /** @returns how far it has turned, radians, and which way it rolls */
  turn({ row: { id }, x, y }: SceneCore): { readonly turned: number; readonly angle: number } {
    const held = this.#cores.get(id)
    if (held === undefined) {
      const fresh = { x, y, turned: id, angle: 0 }
      this.#cores.set(id, fresh)
      return fresh
    }
    const dx = x - held.x
    const dy = y - held.y
    const distance = Math.hypot(dx, dy)
    if (distance > 0.002 && distance < 1) {
      held.turned += distance / CORE_M
      held.angle = Math.atan2(dy, dx)
    }
    held.x = x
    held.y = y
    return held
  }

  /** Forgets those that have gone. */
  keep(ids: ReadonlySet<number>): void {
    for (const id of this.#cores.keys()) if (!ids.has(id)) this.#cores.delete(id)
  }
}

export function paintCore(
  context: Context,
  pane: Pane,
  palette: Palette,
  core: SceneCore,
  roll: { readonly turned: number; readonly angle: number },
): void {
  const { x, y, row } = core
  if (pane.isSmall) {
    disc(context, x, y, 0.24, palette.core)
    return
  }
  const speed = (Math.hypot(row.vx, row.vy) * 20) / METRE
  if (speed > 0.4) paintTrail(context, palette, core, speed)
  const glow = context.createRadialGradient(x, y, 0, x, y, 0.52)
  glow.addColorStop(0, `${palette.core}${palette.isDark ? '88' : '55'}`)
  glow.addColorStop(1, `${palette.core}00`)
  disc(context, x, y, 0.52, glow)
  const body = context.createRadialGradient(x - 0.06, y - 0.07, 0.02, x, y, CORE_M)
  body.addColorStop(0, palette.isDark ? '#d9fff7' : '#b9efe4')
  body.addColorStop(0.45, palette.core)
  body.addColorStop(1, palette.coreDark)
  disc(context, x, y, CORE_M, body)
  // Great circles that turn with it.
  context.save()
  context.translate(x, y)
  context.rotate(roll.angle)
  context.strokeStyle = palette.isDark ? 'rgba(5, 30, 28, 0.8)' : 'rgba(255, 255, 255, 0.85)'
  context.lineWidth = 0.03
  for (let i = 0; i < 3; i++) {
    const phase = roll.turned + (i * Math.PI) / 3
    const half = Math.cos(phase) * CORE_M * 0.94
    context.beginPath()
    context.ellipse(0, 0, Math.abs(half), CORE_M * 0.94, 0, -Math.PI / 2, Math.PI / 2, Math.sin(phase) > 0)
    context.stroke()
  }
  context.restore()
}

function paintTrail(context: Context, palette: Palette, { x, y, row }: SceneCore, speed: number): void {
  const length = Math.min(1.4, speed * 0.28)
  const norm = Math.hypot(row.vx, row.vy)
  const tail = { x: x - (row.vx / norm) * length, y: y - (row.vy / norm) * length }
  const fade = context.createLinearGradient(x, y, tail.x, tail.y)
  fade.addColorStop(0, `${palette.core}66`)
  fade.addColorStop(1, `${palette.core}00`)
  context.strokeStyle = fade
  context.lineWidth = CORE_M * 1.5
  context.lineCap = 'round'
  context.beginPath()
  context.moveTo(x, y)
  context.lineTo(tail.x, tail.y)
  context.stroke()
}

/** What a drone does, for people. */
export function droneState({ row, x, y }: SceneDrone, { tick, runners, car }: SceneCar): 'off' | 'hunts' | 'waits' {
  if (car.phase !== 'running') return 'waits'
  if (row.idleUntil > tick) return 'off'
  return runners.some((runner) => Math.hypot(runner.x - x, runner.y - y) * METRE <= DRONE_SIGHT) ? 'hunts' : 'waits'
}

export function paintDrone(
  context: Context,
  pane: Pane,
  palette: Palette,
  drone: SceneDrone,
  scene: SceneCar,
  seconds: number,
): void {
  const { row } = drone
  const state = droneState(drone, scene)
  const isOff = state === 'off'
  const color = isOff ? palette.droneOff : palette.danger
  if (pane.isSmall) {
    disc(context, drone.x, drone.y, 0.28, color)
    return
  }
  const hover = isOff ? 0 : Math.sin(seconds * 4 + row.id) * 0.04
  const { x } = drone
  const y = drone.y + hover
  disc(context, x + 0.08, drone.y + 0.14, DRONE_M, palette.shadow)
  if (state === 'hunts') paintAim(context, palette, drone, scene)
  context.save()
  context.translate(x, y)
  context.strokeStyle = color
  context.lineWidth = 0.04
  for (let i = 0; i < 4; i++) {
    const angle = Math.PI / 4 + (i * Math.PI) / 2
    const arm = { x: Math.cos(angle) * 0.36, y: Math.sin(angle) * 0.36 }
    context.beginPath()
    context.moveTo(0, 0)
    context.lineTo(arm.x, arm.y)
    context.stroke()
    context.globalAlpha = isOff ? 0.4 : 0.8
    const spin = isOff ? angle : seconds * 34 + i
    for (const blade of [spin, spin + Math.PI / 2]) {
      context.beginPath()
      context.moveTo(arm.x - Math.cos(blade) * 0.15, arm.y - Math.sin(blade) * 0.15)
      context.lineTo(arm.x + Math.cos(blade) * 0.15, arm.y + Math.sin(blade) * 0.15)
      context.stroke()
    }
    context.globalAlpha = 1
  }
  context.beginPath()
  for (let i = 0; i < 6; i++) context.lineTo(Math.cos((i * TURN) / 6) * DRONE_M, Math.sin((i * TURN) / 6) * DRONE_M)
  context.closePath()
  context.fillStyle = palette.droneBody
  context.fill()
  context.stroke()
  context.restore()
  const blink = isOff ? 0.5 : 0.75 + 0.25 * Math.sin(seconds * 9)
  context.globalAlpha = blink
  disc(context, x, y, 0.1, color)
  context.globalAlpha = 1
  if (!isOff) return
  context.strokeStyle = palette.zap
  context.lineWidth = 0.05
  const left = Math.min(1, (row.idleUntil - scene.tick) / ZAPPED_TICKS)
  ring(context, x, y, 0.44, -Math.PI / 2, -Math.PI / 2 + TURN * left)
}

/** A line to whom it hunts. */
function paintAim(context: Context, palette: Palette, { x, y }: SceneDrone, { runners }: SceneCar): void {
  let prey: { x: number; y: number } | undefined
  let least = DRONE_SIGHT / METRE
  for (const runner of runners) {
    const away = Math.hypot(runner.x - x, runner.y - y)
    if (away > least) continue
    least = away
    prey = runner
  }
  if (prey === undefined) return
  const aim = context.createLinearGradient(x, y, prey.x, prey.y)
  aim.addColorStop(0, `${palette.danger}99`)
  aim.addColorStop(1, `${palette.danger}11`)
  context.strokeStyle = aim
  context.lineWidth = 0.035
  context.setLineDash([0.14, 0.1])
  context.beginPath()
  context.moveTo(x, y)
  context.lineTo(prey.x, prey.y)
  context.stroke()
  context.setLineDash([])
}

export function disc(context: Context, x: number, y: number, radius: number, fill: string | CanvasGradient): void {
  context.fillStyle = fill
  context.beginPath()
  context.arc(x, y, radius, 0, TURN)
  context.fill()
}

export function ring(context: Context, x: number, y: number, radius: number, from: number, to: number): void {
  context.beginPath()
  context.arc(x, y, radius, from, to)
  context.stroke()
}
