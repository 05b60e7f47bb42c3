import { EDGE_FLAGS } from '@terrane/world-frontier/galaxy'
import { FORMATION_KINDS } from '../model/formation-kinds.js'
import { type Box, grown, MARKS, type Sky } from '../model/sky.js'
import { BOW, type SkyIndex } from '../model/sky-index.js'
import { TONES } from '../model/tones.js'
import { type Detail, detailAt } from './detail.js'
import { addArrow, bowPoint } from './edge-shapes.js'
import type { Layers } from './layers.js'
import { boxOf, scaleOf, TILE_PX, type TileId } from './tile-grid.js'

export type Painter = OffscreenCanvasRenderingContext2D

/** What a tile shows. */
export interface TileCounts {
  readonly sectors: number
  readonly warps: number
  readonly arrows: number
}

export const SPACE = '#070a10'
const WARP = '#6d7f96'
const ONE_WAY = '#ffbf66'
const TUNNEL = '#8f6bff'
/** Radius of the mist around a sector, map units. */
const MIST_RADIUS = 62
const MIST_PX = 64
/** Beyond this scale a tile is in few sectors' mist, and each is large. */
const MIST_SCALE_MAX = 4
/** Segments to one stroke: rasterisers get slower with the length of a path. */
const SEGMENTS_MAX = 160
/** Dots below this radius are squares: nobody sees it. */
const SQUARE_BELOW_PX = 1.15

/** Paints a tile, whole: mist, edges, formations, sectors and what is there. */
export class TilePainter {
  readonly #sky: Sky
  readonly #index: SkyIndex
  readonly #mist: readonly OffscreenCanvas[]
  readonly #glowRadius: number

  constructor(sky: Sky, index: SkyIndex) {
    this.#sky = sky
    this.#index = index
    this.#mist = TONES.map(mistOf)
    this.#glowRadius = sky.x.reduce((most, x, i) => Math.max(most, Math.hypot(x, sky.y[i] as number)), 1) * 1.15
  }

  /** @param pixelRatio device pixels per CSS pixel */
  paint(painter: Painter, tile: TileId, layers: Layers, pixelRatio: number): TileCounts {
    const box = boxOf(tile)
    const scale = scaleOf(tile.level)
    const detail = detailAt(scale / pixelRatio)
    painter.setTransform(1, 0, 0, 1, 0, 0)
    painter.globalAlpha = 1
    painter.globalCompositeOperation = 'source-over'
    this.#paintSpace(painter, box, scale)
    const brush: Brush = {
      painter,
      px: pixelRatio,
      scale,
      x: (sector) => ((this.#sky.x[sector] as number) - box.left) * scale,
      y: (sector) => ((this.#sky.y[sector] as number) - box.top) * scale,
    }
    const tones = layers.colorBy === 'cluster' ? this.#sky.clusterTone : this.#sky.bandTone
    this.#paintMist(brush, box, detail, tones)
    // Dots and rings reach over a tile's edge.
    const near = this.#index.sectorsIn(grown(box, (24 * pixelRatio) / scale))
    const edges = this.#paintEdges(brush, box, detail, layers)
    this.#paintSectors(brush, near, detail, tones)
    this.#paintFormations(brush, near, detail, layers)
    this.#paintMarks(brush, near, detail, layers)
    return { sectors: near.length, ...edges }
  }

  /** A glow around the middle of the galaxy, so that one sees from everywhere where it is. */
  #paintSpace(painter: Painter, { left, top }: Box, scale: number): void {
    const [x, y] = [-left * scale, -top * scale]
    const glow = painter.createRadialGradient(x, y, 0, x, y, this.#glowRadius * scale)
    for (const [stop, color] of GLOW_STOPS) glow.addColorStop(stop, color)
    painter.fillStyle = glow
    painter.fillRect(0, 0, TILE_PX, TILE_PX)
  }

  #paintMist({ painter, scale, px, x, y }: Brush, box: Box, { mist }: Detail, tones: Uint8Array): void {
    if (mist <= 0 || scale / px > MIST_SCALE_MAX) return
    const size = 2 * MIST_RADIUS * scale
    painter.globalCompositeOperation = 'lighter'
    painter.globalAlpha = 0.1 * mist
    for (const sector of this.#index.sectorsIn(grown(box, MIST_RADIUS))) {
      const sprite = this.#mist[tones[sector] as number] as OffscreenCanvas
      painter.drawImage(sprite, x(sector) - size / 2, y(sector) - size / 2, size, size)
    }
    painter.globalCompositeOperation = 'source-over'
    painter.globalAlpha = 1
  }

  #paintEdges(brush: Brush, box: Box, detail: Detail, layers: Layers): { warps: number; arrows: number } {
    if (detail.warps <= 0 && detail.tunnels <= 0) return { warps: 0, arrows: 0 }
    const { flags, edgeFormations } = this.#sky
    const plain: number[] = []
    const oneWay: number[] = []
    const latent: number[] = []
    const tunnels: number[] = []
    const stamped: number[] = []
    for (const edge of this.#index.edgesNear(box)) {
      const flag = flags[edge] as number
      const isTunnel = (flag & EDGE_FLAGS.tunnel) !== 0
      const isOneWay = (flag & EDGE_FLAGS.oneWay) !== 0
      if ((edgeFormations[edge] as number) & layers.formations) stamped.push(edge)
      if (isTunnel) {
        if (layers.tunnels) tunnels.push(edge)
      } else if (isOneWay) {
        if (layers.oneWay) (flag & EDGE_FLAGS.latent ? latent : oneWay).push(edge)
      } else if (layers.warps) plain.push(edge)
    }
    const { painter, px } = brush
    const width = detail.warpWidth * px
    this.#stroke(brush, tunnels, { color: TUNNEL, width, alpha: 0.42 * detail.tunnels })
    this.#stroke(brush, plain, { color: WARP, width, alpha: 0.5 * detail.warps })
    this.#stroke(brush, oneWay, { color: ONE_WAY, width: width * 1.15, alpha: 0.6 * detail.warps })
    painter.setLineDash([4 * px, 3 * px])
    this.#stroke(brush, latent, { color: ONE_WAY, width: width * 1.15, alpha: 0.6 * detail.warps })
    painter.setLineDash([])
    for (const [kind, { color }] of FORMATION_KINDS.entries()) {
      const bit = 1 << kind
      if ((layers.formations & bit) === 0) continue
      const own = stamped.filter((edge) => (edgeFormations[edge] as number) & bit)
      this.#stroke(brush, own, { color, width: width + 1.1 * px, alpha: 0.85 * detail.formations })
    }
    const arrows = this.#paintArrows(brush, [...oneWay, ...latent], ONE_WAY, detail)
    const bowed = this.#paintArrows(
      brush,
      tunnels.filter((edge) => (flags[edge] as number) & EDGE_FLAGS.oneWay),
      '#bda6ff',
      detail,
    )
    return { warps: plain.length + oneWay.length + latent.length + tunnels.length, arrows: arrows + bowed }
  }

  #stroke({ painter, x, y }: Brush, edges: readonly number[], line: Line): void {
    if (edges.length === 0 || line.alpha <= 0) return
    const { from, to, flags } = this.#sky
    painter.strokeStyle = line.color
    painter.lineWidth = line.width
    painter.globalAlpha = line.alpha
    for (let start = 0; start < edges.length; start += SEGMENTS_MAX) {
      painter.beginPath()
      for (const edge of edges.slice(start, start + SEGMENTS_MAX)) {
        const [a, b] = [from[edge] as number, to[edge] as number]
        const [ax, ay, bx, by] = [x(a), y(a), x(b), y(b)]
        painter.moveTo(ax, ay)
        if ((flags[edge] as number) & EDGE_FLAGS.tunnel) {
          const bow = bowPoint(ax, ay, bx, by, 2 * BOW)
          painter.quadraticCurveTo(bow.x, bow.y, bx, by)
        } else painter.lineTo(bx, by)
      }
      painter.stroke()
    }
    painter.globalAlpha = 1
  }

  #paintArrows(
    { painter, px, x, y }: Brush,
    edges: readonly number[],
    color: string,
    { arrow, warps }: Detail,
  ): number {
    if (arrow <= 0 || edges.length === 0) return 0
    const { from, to, flags } = this.#sky
    painter.fillStyle = color
    painter.globalAlpha = warps
    painter.beginPath()
    for (const edge of edges) {
      const [a, b] = [from[edge] as number, to[edge] as number]
      const bow = (flags[edge] as number) & EDGE_FLAGS.tunnel ? BOW : 0
      addArrow(painter, x(a), y(a), x(b), y(b), bow, arrow * px)
    }
    painter.fill()
    painter.globalAlpha = 1
    return edges.length
  }

  #paintSectors({ painter, px, x, y }: Brush, sectors: readonly number[], detail: Detail, tones: Uint8Array): void {
    const radius = detail.dotRadius * px
    const byTone = new Map<number, number[]>()
    for (const sector of sectors) {
      const tone = tones[sector] as number
      const group = byTone.get(tone)
      if (group === undefined) byTone.set(tone, [sector])
      else group.push(sector)
    }
    for (const [tone, group] of byTone) {
      painter.fillStyle = TONES[tone] as string
      if (detail.dotRadius < SQUARE_BELOW_PX) {
        for (const sector of group) painter.fillRect(x(sector) - radius, y(sector) - radius, 2 * radius, 2 * radius)
        continue
      }
      painter.beginPath()
      for (const sector of group) addCircle(painter, x(sector), y(sector), radius)
      painter.fill()
    }
  }

  /** A ring around every sector of a formation, a wider one around its anchor. */
  #paintFormations({ painter, px, x, y }: Brush, sectors: readonly number[], detail: Detail, layers: Layers): void {
    if (detail.formations <= 0) return
    const { formations, anchors } = this.#sky
    const radius = detail.dotRadius * px
    painter.globalAlpha = detail.formations
    for (const [kind, { color }] of FORMATION_KINDS.entries()) {
      const bit = 1 << kind
      if ((layers.formations & bit) === 0) continue
      const own = sectors.filter((sector) => (formations[sector] as number) & bit)
      if (own.length === 0) continue
      painter.strokeStyle = color
      painter.lineWidth = Math.max(1, 0.45 * detail.dotRadius) * px
      painter.beginPath()
      for (const sector of own) {
        const isAnchor = ((anchors[sector] as number) & bit) !== 0
        addCircle(painter, x(sector), y(sector), radius * (isAnchor ? 1.9 : 1.35) + px)
      }
      painter.stroke()
    }
    painter.globalAlpha = 1
  }

  #paintMarks({ painter, px, x, y }: Brush, sectors: readonly number[], detail: Detail, layers: Layers): void {
    const { marks } = this.#sky
    const size = detail.markSize * px
    const away = detail.dotRadius * px + size * 0.35
    const having = (mark: number) => sectors.filter((sector) => (marks[sector] as number) & mark)
    if (size > 0 && layers.planets) {
      painter.fillStyle = '#7fd6a2'
      painter.beginPath()
      for (const sector of having(MARKS.planet)) addCircle(painter, x(sector) - away, y(sector) + away, size * 0.48)
      painter.fill()
    }
    if (size > 0 && layers.stations) {
      painter.fillStyle = '#f4f7fb'
      for (const sector of having(MARKS.station)) {
        painter.fillRect(x(sector) + away - size * 0.42, y(sector) - away - size * 0.42, size * 0.84, size * 0.84)
      }
    }
    painter.strokeStyle = '#ffffff'
    painter.lineWidth = 1.5 * px
    painter.globalAlpha = 0.9
    for (const sector of detail.warps > 0 ? having(MARKS.capital) : []) {
      const radius = (detail.dotRadius + 3 + detail.markSize * 0.5) * px
      painter.beginPath()
      addCircle(painter, x(sector), y(sector), radius)
      painter.stroke()
    }
    painter.globalAlpha = 1
  }
}

interface Brush {
  readonly painter: Painter
  /** Device pixels per CSS pixel. */
  readonly px: number
  /** Device pixels per map unit. */
  readonly scale: number
  /** Where a sector is on the tile. */
  x(sector: number): number
  y(sector: number): number
}

interface Line {
  readonly color: string
  readonly width: number
  readonly alpha: number
}

function addCircle(painter: Painter, x: number, y: number, radius: number): void {
  painter.moveTo(x + radius, y)
  painter.arc(x, y, radius, 0, 2 * Math.PI)
}

function mistOf(color: string): OffscreenCanvas {
  const canvas = new OffscreenCanvas(MIST_PX, MIST_PX)
  const painter = canvas.getContext('2d')
  if (painter === null) throw new Error('this browser draws no 2D pictures in the background')
  const middle = MIST_PX / 2
  const gradient = painter.createRadialGradient(middle, middle, 0, middle, middle, middle)
  for (const [stop, alpha] of MIST_STOPS) gradient.addColorStop(stop, color.replace(')', ` / ${alpha})`))
  painter.fillStyle = gradient
  painter.fillRect(0, 0, MIST_PX, MIST_PX)
  return canvas
}

const GLOW_STOPS = [
  [0, '#1a1d38'],
  [0.35, '#121528'],
  [0.75, '#0a0d17'],
  [1, SPACE],
] as const

/** About a Gaussian. */
const MIST_STOPS = [
  [0, 0.55],
  [0.3, 0.36],
  [0.6, 0.11],
  [1, 0],
] as const
