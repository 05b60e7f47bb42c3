import { callSign } from '../model/call-sign.js'
import { droneState } from './paint-things.js'
import type { Palette } from './palette.js'
import type { SceneCar, Tilt } from './scene.js'
import { type Pane, toScreen } from './view.js'

type Context = CanvasRenderingContext2D

const SANS = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
/** Pixels per metre from which there is room for what drones do. */
const CLOSE = 60
/** Shown as far again: eight degrees are little to see. */
const EXAGGERATED = 3

/** Names under people, states under drones: upright however the train lies. */
export function paintTexts(context: Context, pane: Pane, palette: Palette, scene: SceneCar): void {
  const size = Math.min(13, Math.max(9.5, pane.scale * 0.17))
  const below = pane.scale * 0.42 + size
  context.textAlign = 'center'
  context.lineJoin = 'round'
  context.lineWidth = 3
  context.strokeStyle = palette.textHalo
  for (const runner of scene.runners) {
    const { x, y } = toScreen(pane, runner)
    if (!isIn(pane, x, y)) continue
    context.font = `${runner.isOwn ? 700 : 500} ${size}px ${SANS}`
    const name = runner.isOwn ? 'You' : callSign(runner.row.player)
    const text = runner.limbs === undefined ? name : `◈ ${name}`
    context.strokeText(text, x, y + below)
    context.fillStyle = runner.isOwn ? palette.own : palette.text
    context.fillText(text, x, y + below)
  }
  if (scene.car.phase !== 'running' || pane.scale < CLOSE) return
  for (const drone of scene.drones) {
    const { x, y } = toScreen(pane, drone)
    if (!isIn(pane, x, y)) continue
    const state = droneState(drone, scene)
    const text = state === 'off' ? `off ${Math.ceil((drone.row.idleUntil - scene.tick) / 20)} s` : state
    context.font = `500 ${size * 0.92}px ${SANS}`
    context.strokeText(text, x, y + below)
    context.fillStyle = state === 'hunts' ? palette.danger : palette.muted
    context.fillText(text, x, y + below)
  }
}

/** What stands beside a pane: which car it is. */
export function paintTitle(context: Context, pane: Pane, palette: Palette, text: string): void {
  context.font = `600 12px ${SANS}`
  context.textAlign = 'left'
  context.lineWidth = 3
  context.strokeStyle = palette.textHalo
  context.fillStyle = palette.muted
  const at = { x: pane.left + 12, y: pane.top + 16 }
  context.strokeText(text, at.x, at.y)
  context.fillText(text, at.x, at.y)
}

/** An artificial horizon on a canvas of its own: how the floor lies. */
export function paintHorizon(canvas: HTMLCanvasElement, palette: Palette, tilt: Tilt, ratio: number): void {
  const context = canvas.getContext('2d')
  if (context === null) return
  const size = canvas.clientWidth
  const pixels = Math.round(size * ratio)
  if (canvas.width !== pixels) {
    canvas.width = pixels
    canvas.height = pixels
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, size, size)
  const radius = size / 2 - 2
  const x = size / 2
  const y = size / 2
  context.save()
  context.translate(x, y)
  context.beginPath()
  context.arc(0, 0, radius, 0, 2 * Math.PI)
  context.clip()
  context.rotate(tilt.roll * EXAGGERATED)
  const shift = tilt.pitch * radius * EXAGGERATED * 2
  context.fillStyle = palette.isDark ? '#24425f' : '#a9cdf0'
  context.fillRect(-2 * radius, -2 * radius, 4 * radius, 2 * radius + shift)
  context.fillStyle = palette.isDark ? '#3a2f22' : '#c8ad86'
  context.fillRect(-2 * radius, shift, 4 * radius, 2 * radius)
  context.strokeStyle = palette.text
  context.lineWidth = 1.5
  context.beginPath()
  context.moveTo(-2 * radius, shift)
  context.lineTo(2 * radius, shift)
  context.stroke()
  context.restore()
  context.strokeStyle = palette.capEdge
  context.lineWidth = 2
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.stroke()
  context.strokeStyle = palette.own
  context.lineWidth = 2.5
  context.beginPath()
  context.moveTo(x - radius * 0.62, y)
  context.lineTo(x - radius * 0.22, y)
  context.lineTo(x, y + radius * 0.2)
  context.lineTo(x + radius * 0.22, y)
  context.lineTo(x + radius * 0.62, y)
  context.stroke()
}

function isIn({ left, top, width, height }: Pane, x: number, y: number): boolean {
  return x > left - 40 && x < left + width + 40 && y > top - 20 && y < top + height + 20
}
