import { LABEL_FONT } from '../../map/place-labels.js'

export interface LabelStyle {
  readonly size: number
  readonly weight: number
  readonly color: string
  readonly isSpaced?: boolean
}

const SPRITES_MAX = 700
const RIM = 3

interface Sprite {
  readonly canvas: HTMLCanvasElement
  /** CSS pixels. */
  readonly width: number
  readonly height: number
}

/** Texts with a dark rim as pictures: drawing the rim takes a hundred times as long as drawing the picture. */
export class LabelSprites {
  readonly #sprites = new Map<string, Sprite>()
  readonly #pixelRatio: number

  constructor(pixelRatio: number) {
    this.#pixelRatio = pixelRatio
  }

  get(text: string, style: LabelStyle): Sprite {
    const key = `${style.size} ${style.weight} ${style.color} ${text}`
    let sprite = this.#sprites.get(key)
    if (sprite === undefined) {
      sprite = paint(text, style, this.#pixelRatio)
      const oldest = this.#sprites.keys().next().value
      if (this.#sprites.size >= SPRITES_MAX && oldest !== undefined) this.#sprites.delete(oldest)
    } else this.#sprites.delete(key)
    this.#sprites.set(key, sprite)
    return sprite
  }
}

function paint(text: string, { size, weight, color, isSpaced = false }: LabelStyle, pixelRatio: number): Sprite {
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('this browser draws no 2D pictures')
  const prepare = () => {
    context.font = `${weight} ${size}px ${LABEL_FONT}`
    if (isSpaced && 'letterSpacing' in context) context.letterSpacing = `${size * 0.12}px`
    context.textBaseline = 'middle'
    context.lineJoin = 'round'
  }
  prepare()
  const width = Math.ceil(context.measureText(text).width) + 2 * RIM
  const height = Math.ceil(size * 1.3) + 2 * RIM
  canvas.width = Math.ceil(width * pixelRatio)
  canvas.height = Math.ceil(height * pixelRatio)
  context.scale(pixelRatio, pixelRatio)
  prepare()
  context.lineWidth = RIM
  context.strokeStyle = 'rgb(7 10 16 / 0.85)'
  context.strokeText(text, RIM, height / 2)
  context.fillStyle = color
  context.fillText(text, RIM, height / 2)
  return { canvas, width, height }
}
