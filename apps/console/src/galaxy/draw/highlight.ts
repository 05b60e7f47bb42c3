import { EDGE_FLAGS } from '@terrane/world-frontier/galaxy'
import { FORMATION_KINDS } from '../model/formation-kinds.js'
import type { Galaxy } from '../model/galaxy.js'
import { type Box, grown } from '../model/sky.js'
import { BOW, type SkyIndex } from '../model/sky-index.js'
import { type Found, type Group, neighboursOf, sectorsOfTarget } from '../model/target.js'
import { TONES } from '../model/tones.js'
import type { Detail } from './detail.js'
import { addArrow, bowPoint } from './edge-shapes.js'
import { type Screen, toScreen, type View } from './view.js'

const LIME = '#d4f26a'
/** Over all that is not highlighted. */
const VEIL = 'rgb(7 10 16 / 0.6)'

interface Point {
  readonly x: number
  readonly y: number
}

/** What highlights are drawn with. */
interface Highlighter {
  readonly context: CanvasRenderingContext2D
  readonly galaxy: Galaxy
  readonly index: SkyIndex
  readonly view: View
  readonly screen: Screen
  readonly detail: Detail
  /** Where a sector is on the screen. */
  at(sector: number): Point
}

/** Shows what is selected: a region by a ring, a sector with its ways, others alone in the light. */
export function highlight(highlighter: Highlighter, found: Found): void {
  const { context, view, screen } = highlighter
  switch (found.kind) {
    case 'region': {
      const { x, y, radius } = found.region
      ring(context, toScreen(view, screen, x, y), radius * view.scale, { color: LIME, width: 1.5 })
      return
    }
    case 'sector':
      highlightSector(highlighter, found.sector)
      return
    default:
      highlightGroup(highlighter, found)
  }
}

export function ring(context: CanvasRenderingContext2D, { x, y }: Point, radius: number, pen: Pen): void {
  context.strokeStyle = pen.color
  context.lineWidth = pen.width
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.stroke()
}

/** Every way from and to a sector, with where it leads, and a ring around it. */
function highlightSector(highlighter: Highlighter, sector: number): void {
  const { context, galaxy, index, detail } = highlighter
  const { x, y, from, to } = galaxy.sky
  const near = boxAround([sector], x, y)
  const pen = { color: LIME, width: Math.max(1.5, detail.warpWidth * 1.2) }
  for (const edge of index.edgesNear(near)) {
    if (from[edge] === sector || to[edge] === sector) strokeEdge(highlighter, edge, pen)
  }
  ring(context, highlighter.at(sector), detail.dotRadius + 6, { color: LIME, width: 2.5 })
}

/** A cluster or a formation, with its own edges; everything else steps back. */
function highlightGroup(highlighter: Highlighter, group: Group): void {
  const { context, galaxy, screen, detail, at } = highlighter
  const { clusterTone } = galaxy.sky
  context.fillStyle = VEIL
  context.fillRect(0, 0, screen.width, screen.height)
  const own = sectorsOfTarget(group)
  const look = group.kind === 'formation' ? FORMATION_KINDS[group.formation.kind] : undefined
  const color = look?.color ?? (TONES[clusterTone[own[0] as number] as number] as string)
  const width = detail.warpWidth + (group.kind === 'formation' ? 1.6 : 0.4)
  for (const edge of edgesOf(highlighter, group, own)) strokeEdge(highlighter, edge, { color, width })
  for (const sector of [...own, ...neighboursOf(group)]) {
    context.fillStyle = TONES[clusterTone[sector] as number] as string
    context.beginPath()
    context.arc(at(sector).x, at(sector).y, detail.dotRadius, 0, 2 * Math.PI)
    context.fill()
  }
  if (group.kind === 'cluster') return
  for (const [order, sector] of own.entries()) {
    // The anchor is the first.
    const radius = detail.dotRadius * (order === 0 ? 1.9 : 1.35) + 1
    ring(context, at(sector), radius, { color, width: Math.max(1.5, 0.5 * detail.dotRadius) })
  }
}

function edgesOf({ galaxy, index }: Highlighter, group: Group, own: readonly number[]): number[] {
  const { x, y, from, to, edgeFormations } = galaxy.sky
  const members = new Set(own)
  const bit = group.kind === 'formation' ? 1 << group.formation.kind : 0
  return index.edgesNear(boxAround(own, x, y)).filter((edge) => {
    const ends = Number(members.has(from[edge] as number)) + Number(members.has(to[edge] as number))
    return bit === 0 ? ends === 2 : ends > 0 && ((edgeFormations[edge] as number) & bit) !== 0
  })
}

interface Pen {
  readonly color: string
  readonly width: number
}

/** An edge, with an arrow when it leads one way. */
function strokeEdge({ context, galaxy, detail, at }: Highlighter, edge: number, { color, width }: Pen): void {
  const { from, to, flags } = galaxy.sky
  const [start, end] = [at(from[edge] as number), at(to[edge] as number)]
  const isTunnel = ((flags[edge] as number) & EDGE_FLAGS.tunnel) !== 0
  context.strokeStyle = color
  context.fillStyle = color
  context.lineWidth = width
  context.beginPath()
  context.moveTo(start.x, start.y)
  if (isTunnel) {
    const bow = bowPoint(start.x, start.y, end.x, end.y, 2 * BOW)
    context.quadraticCurveTo(bow.x, bow.y, end.x, end.y)
  } else context.lineTo(end.x, end.y)
  context.stroke()
  if (((flags[edge] as number) & EDGE_FLAGS.oneWay) === 0) return
  context.beginPath()
  addArrow(context, start.x, start.y, end.x, end.y, isTunnel ? BOW : 0, Math.max(9, detail.arrow * 1.2))
  context.fill()
}

function boxAround(sectors: readonly number[], x: Float32Array, y: Float32Array): Box {
  const [xs, ys] = [sectors.map((sector) => x[sector] as number), sectors.map((sector) => y[sector] as number)]
  return grown({ left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) }, 1)
}
