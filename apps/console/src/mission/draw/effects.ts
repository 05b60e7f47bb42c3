import { POINTS_PER_CORE } from '@terrane/world-maglev'
import type { TrainEvent } from '../model/train-events.js'
import { colorOf } from './paint-people.js'
import { ring } from './paint-things.js'
import type { Palette } from './palette.js'
import { METRE, type Pane, toScreen } from './view.js'

type Context = CanvasRenderingContext2D

const LASTS_MS: Readonly<Record<TrainEvent['type'], number>> = {
  slotted: 1_300,
  zapped: 380,
  stunned: 600,
  grabbed: 350,
  arrived: 450,
}
const KEPT = 60

/** What has just happened, for the moment for which it is seen. */
export class Effects {
  #running: { readonly event: TrainEvent; readonly startedAt: number }[] = []

  add(event: TrainEvent, at: number): void {
    this.#running.push({ event, startedAt: at })
    if (this.#running.length > KEPT) this.#running.shift()
  }

  /** In metres of the train. */
  paint(context: Context, palette: Palette, now: number): void {
    this.#running = this.#running.filter(({ event, startedAt }) => now - startedAt < LASTS_MS[event.type])
    for (const { event, startedAt } of this.#running) {
      const share = Math.max(0, (now - startedAt) / LASTS_MS[event.type])
      context.globalAlpha = 1 - share
      paintEvent(context, palette, event, share, now)
      context.globalAlpha = 1
    }
  }

  /** Upright, in pixels. */
  paintTexts(context: Context, pane: Pane, palette: Palette, now: number): void {
    for (const { event, startedAt } of this.#running) {
      if (event.type !== 'slotted') continue
      const share = (now - startedAt) / LASTS_MS.slotted
      const { x, y } = toScreen(pane, { x: event.at.x / METRE, y: event.at.y / METRE })
      context.globalAlpha = Math.min(1, 2 * (1 - share))
      context.font = '700 16px system-ui, sans-serif'
      context.textAlign = 'center'
      context.fillStyle = colorOf(event.player, palette)
      context.strokeStyle = palette.textHalo
      context.lineWidth = 4
      context.strokeText(`+${POINTS_PER_CORE}`, x, y - 18 - share * 26)
      context.fillText(`+${POINTS_PER_CORE}`, x, y - 18 - share * 26)
      context.globalAlpha = 1
    }
  }
}

function paintEvent(context: Context, palette: Palette, event: TrainEvent, share: number, now: number): void {
  const x = event.at.x / METRE
  const y = event.at.y / METRE
  const circle = (color: string, from: number, to: number, width: number) => {
    context.strokeStyle = color
    context.lineWidth = width * (1 - share)
    ring(context, x, y, from + (to - from) * (1 - (1 - share) ** 2), 0, 2 * Math.PI)
  }
  switch (event.type) {
    case 'slotted':
      circle(colorOf(event.player, palette), 0.3, 1.3, 0.16)
      circle(palette.busy, 0.3, 0.9, 0.1)
      break
    case 'stunned':
      circle(palette.danger, 0.3, 1.1, 0.18)
      break
    case 'grabbed':
      circle(palette.core, 0.5, 0.25, 0.1)
      break
    case 'arrived':
      circle(palette.open, 0.3, 0.8, 0.1)
      break
    case 'zapped':
      circle(palette.zap, 0.2, 0.7, 0.12)
      if (event.by !== undefined)
        bolt(context, palette, { x: event.by.x / METRE, y: event.by.y / METRE }, { x, y }, now)
  }
}

/** A jagged line that jumps from frame to frame. */
function bolt(
  context: Context,
  palette: Palette,
  from: { readonly x: number; readonly y: number },
  to: { readonly x: number; readonly y: number },
  now: number,
): void {
  const steps = 9
  const normal = { x: -(to.y - from.y), y: to.x - from.x }
  const length = Math.max(0.01, Math.hypot(normal.x, normal.y))
  context.strokeStyle = palette.zap
  context.lineWidth = 0.06
  context.lineJoin = 'round'
  context.beginPath()
  for (let i = 0; i <= steps; i++) {
    const share = i / steps
    const swing = i === 0 || i === steps ? 0 : Math.sin(i * 12.9898 + Math.floor(now / 45) * 78.233) * 0.2
    context.lineTo(
      from.x + (to.x - from.x) * share + (normal.x / length) * swing,
      from.y + (to.y - from.y) * share + (normal.y / length) * swing,
    )
  }
  context.stroke()
}
