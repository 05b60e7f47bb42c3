import { drawText, LABEL_FONT } from './place-labels.js'

export interface OverlayLabel {
  readonly text: string
  readonly x: number
  readonly y: number
  readonly color: string
  /** Distance between the point and its name. */
  readonly gap: number
}

const LABELS_MAX = 120
const LABEL_PX = 11

/** Rings, courses and names over the map: a 2D canvas, in CSS pixels. */
export class MapOverlay {
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  #width = 0
  #height = 0

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d')
    if (context === null) throw new Error('the browser offers no 2D canvas')
    this.#canvas = canvas
    this.#context = context
  }

  resize(width: number, height: number, pixelRatio: number): void {
    this.#width = width
    this.#height = height
    this.#canvas.width = Math.round(width * pixelRatio)
    this.#canvas.height = Math.round(height * pixelRatio)
    this.#context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0)
  }

  clear(): void {
    this.#context.clearRect(0, 0, this.#width, this.#height)
  }

  ring(x: number, y: number, radius: number, color: string, width = 1.5): void {
    const context = this.#context
    context.beginPath()
    context.arc(x, y, radius, 0, Math.PI * 2)
    context.lineWidth = width
    context.strokeStyle = color
    context.stroke()
  }

  /** Four corners around the thing that is selected. */
  brackets(x: number, y: number, radius: number, color: string): void {
    const context = this.#context
    const arm = radius * 0.55
    context.beginPath()
    for (const [sx, sy] of [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ] as const) {
      context.moveTo(x + sx * radius, y + sy * (radius - arm))
      context.lineTo(x + sx * radius, y + sy * radius)
      context.lineTo(x + sx * (radius - arm), y + sy * radius)
    }
    context.lineWidth = 1.75
    context.strokeStyle = color
    context.stroke()
  }

  /** A dashed line to where something is going. */
  course(fromX: number, fromY: number, toX: number, toY: number, color: string): void {
    const context = this.#context
    context.save()
    context.setLineDash([5, 5])
    context.lineWidth = 1.25
    context.strokeStyle = color
    context.globalAlpha = 0.75
    context.beginPath()
    context.moveTo(fromX, fromY)
    context.lineTo(toX, toY)
    context.stroke()
    context.restore()
    this.ring(toX, toY, 4, color, 1.25)
  }

  /** Names right of their points; those that would cover an earlier one are left out. */
  labels(labels: Iterable<OverlayLabel>): void {
    const context = this.#context
    context.font = `500 ${LABEL_PX}px ${LABEL_FONT}`
    const taken = new Set<number>()
    let drawn = 0
    for (const label of labels) {
      if (drawn >= LABELS_MAX) return
      const width = label.text.length * LABEL_PX * 0.56
      if (!claim(taken, label.x, label.y, width)) continue
      drawText(context, label.text, label.x + label.gap, label.y + LABEL_PX * 0.36, label.color)
      drawn++
    }
  }
}

const SLOT_WIDTH = 28
const SLOT_HEIGHT = 15

function claim(taken: Set<number>, x: number, y: number, width: number): boolean {
  const row = Math.floor(y / SLOT_HEIGHT)
  const first = Math.floor(x / SLOT_WIDTH)
  const last = Math.floor((x + width) / SLOT_WIDTH)
  for (let column = first; column <= last; column++) if (taken.has(row * 4096 + column)) return false
  for (let column = first; column <= last; column++) taken.add(row * 4096 + column)
  return true
}
