import { EDGE_FLAGS } from '@terrane/world-frontier/galaxy'
import { FORMATION_KINDS } from '../model/formation-kinds.js'
import { type Galaxy, regionAt } from '../model/galaxy.js'
import { type Box, grown, MARKS } from '../model/sky.js'
import { BOW, type SkyIndex } from '../model/sky-index.js'
import type { Found } from '../model/target.js'
import { sectorsOfTarget } from '../model/target.js'
import { TONES } from '../model/tones.js'
import { type Detail, detailAt } from './detail.js'
import { addArrow, bowPoint } from './edge-shapes.js'
import type { LabelSprites, LabelStyle } from './label-sprites.js'
import type { Layers } from './layers.js'
import { type Screen, toScreen, type View, visibleBox } from './view.js'

const LIME = '#d4f26a'
const LABELS_MAX = 160

const REGION_STYLE: LabelStyle = { size: 11, weight: 600, color: '#e9eef4', isSpaced: true }
const SECTOR_STYLE: LabelStyle = { size: 11, weight: 500, color: '#c4cfdb' }

interface Label {
  readonly text: string
  readonly style: LabelStyle
  /** CSS pixels; the label's middle. */
  readonly x: number
  readonly y: number
  readonly alpha: number
}

/** What is drawn over the tiles in every frame: names, and what is selected or pointed at. */
export class Overlay {
  readonly #galaxy: Galaxy
  readonly #index: SkyIndex
  readonly #stationNames = new Map<number, string>()

  constructor(galaxy: Galaxy, index: SkyIndex) {
    this.#galaxy = galaxy
    this.#index = index
    for (const { first, chart } of galaxy.regions) {
      for (const { sector, name } of chart.planets) this.#stationNames.set(first + sector - 1, name)
      for (const { sector, name } of chart.stations) this.#stationNames.set(first + sector - 1, name)
    }
  }

  draw(context: CanvasRenderingContext2D, view: View, screen: Screen, shown: Shown): void {
    const detail = detailAt(view.scale)
    const at = (sector: number) =>
      toScreen(view, screen, this.#galaxy.sky.x[sector] as number, this.#galaxy.sky.y[sector] as number)
    if (shown.selected !== undefined) this.#drawSelected(context, view, screen, detail, shown.selected, at)
    if (shown.hovered !== undefined) {
      const { x, y } = at(shown.hovered)
      ring(context, x, y, detail.dotRadius + 5, '#ffffff', 1.5)
    }
    if (shown.layers.names) this.#drawNames(context, view, screen, detail, shown)
  }

  #drawSelected(
    context: CanvasRenderingContext2D,
    view: View,
    screen: Screen,
    detail: Detail,
    found: Found,
    at: (sector: number) => { x: number; y: number },
  ): void {
    if (found.kind === 'region') {
      const { x, y, radius } = found.region
      const middle = toScreen(view, screen, x, y)
      ring(context, middle.x, middle.y, radius * view.scale, LIME, 1.5)
      return
    }
    if (found.kind === 'sector') this.#drawWays(context, found.sector, detail, at)
    const width = found.kind === 'sector' ? 2.5 : 1.5
    for (const sector of sectorsOfTarget(found)) {
      const { x, y } = at(sector)
      ring(context, x, y, detail.dotRadius + (found.kind === 'sector' ? 6 : 3), LIME, width)
    }
  }

  /** Every way from and to the selected sector, with where it leads. */
  #drawWays(
    context: CanvasRenderingContext2D,
    sector: number,
    detail: Detail,
    at: (sector: number) => { x: number; y: number },
  ): void {
    const { sky } = this.#galaxy
    const { from, to, flags } = sky
    const reach = 1
    const [x, y] = [sky.x[sector] as number, sky.y[sector] as number]
    const near: Box = grown({ left: x, top: y, right: x, bottom: y }, reach)
    context.strokeStyle = LIME
    context.fillStyle = LIME
    context.lineWidth = Math.max(1.5, detail.warpWidth * 1.2)
    for (const edge of this.#index.edgesNear(near)) {
      const [a, b] = [from[edge] as number, to[edge] as number]
      if (a !== sector && b !== sector) continue
      const [start, end] = [at(a), at(b)]
      const isTunnel = ((flags[edge] as number) & EDGE_FLAGS.tunnel) !== 0
      context.beginPath()
      context.moveTo(start.x, start.y)
      if (isTunnel) {
        const bow = bowPoint(start.x, start.y, end.x, end.y, 2 * BOW)
        context.quadraticCurveTo(bow.x, bow.y, end.x, end.y)
      } else context.lineTo(end.x, end.y)
      context.stroke()
      if (((flags[edge] as number) & EDGE_FLAGS.oneWay) === 0) continue
      context.beginPath()
      addArrow(context, start.x, start.y, end.x, end.y, isTunnel ? BOW : 0, Math.max(9, detail.arrow * 1.2))
      context.fill()
    }
  }

  /** Names by importance; one that would cover another is left out. */
  #drawNames(context: CanvasRenderingContext2D, view: View, screen: Screen, detail: Detail, shown: Shown): void {
    const taken: Box[] = []
    let drawn = 0
    for (const label of this.#labels(view, screen, detail, shown)) {
      if (drawn >= LABELS_MAX) break
      const { canvas, width, height } = shown.sprites.get(label.text, label.style)
      const left = Math.round(label.x - width / 2)
      const top = Math.round(label.y - height / 2)
      const box = { left, top, right: left + width, bottom: top + height }
      if (box.right < 0 || box.left > screen.width || box.bottom < 0 || box.top > screen.height) continue
      if (taken.some((other) => overlaps(box, other))) continue
      taken.push(box)
      drawn++
      context.globalAlpha = label.alpha
      context.drawImage(canvas, left, top, width, height)
    }
    context.globalAlpha = 1
  }

  *#labels(view: View, screen: Screen, detail: Detail, shown: Shown): Generator<Label> {
    const galaxy = this.#galaxy
    if (detail.regionNames > 0) {
      for (const { name, x, y, radius, isNexus } of galaxy.regions) {
        const at = toScreen(view, screen, x, y + (isNexus ? 0 : radius * 0.98))
        const text = (isNexus ? 'Central Nexus' : name.replaceAll(/[-_]/g, ' ')).toUpperCase()
        yield { text, style: isNexus ? { ...REGION_STYLE, size: 14 } : REGION_STYLE, ...at, alpha: detail.regionNames }
      }
    }
    const visible = grown(visibleBox(view, screen), 40 / view.scale)
    const isVisible = ({ x, y }: { x: number; y: number }) =>
      x > visible.left && x < visible.right && y > visible.top && y < visible.bottom
    if (detail.clusterNames > 0) {
      for (const cluster of galaxy.clusters) {
        if (!isVisible(cluster)) continue
        const at = toScreen(view, screen, cluster.x, cluster.y)
        const style = { size: 12, weight: 500, color: pale(TONES[cluster.tone] as string) }
        yield { text: cluster.name, style, ...at, alpha: detail.clusterNames }
      }
    }
    if (detail.formationNames > 0) {
      for (const { formation, kind, x, y, sectors } of galaxy.formations) {
        const look = FORMATION_KINDS[kind]
        if ((shown.layers.formations & (1 << kind)) === 0 || look === undefined || !isVisible({ x, y })) continue
        const at = toScreen(view, screen, x, y)
        const below = sectors.length === 1 ? detail.dotRadius * 2 + 11 : 0
        const text = `${look.label}: ${formation.name}`
        const style = { size: 11, weight: 600, color: look.color }
        yield { text, style, x: at.x, y: at.y + below, alpha: detail.formationNames }
      }
    }
    if (detail.sectorNames > 0) yield* this.#sectorLabels(view, screen, detail, visible)
  }

  *#sectorLabels(view: View, screen: Screen, detail: Detail, visible: Box): Generator<Label> {
    const { sky } = this.#galaxy
    const sectors = this.#index.sectorsIn(visible)
    // What has a name comes first.
    const isNamed = (sector: number) => (sky.marks[sector] as number) & (MARKS.station | MARKS.planet)
    sectors.sort((a, b) => Number(isNamed(b) !== 0) - Number(isNamed(a) !== 0))
    for (const sector of sectors) {
      const at = toScreen(view, screen, sky.x[sector] as number, sky.y[sector] as number)
      const number = sector - regionAt(this.#galaxy, sector).first + 1
      const name = this.#stationNames.get(sector)
      const text = name === undefined ? String(number) : `${number} ${name}`
      yield { text, style: SECTOR_STYLE, x: at.x, y: at.y + detail.dotRadius + 10, alpha: detail.sectorNames }
    }
  }
}

/** What a frame shows besides the galaxy itself. */
export interface Shown {
  readonly layers: Layers
  readonly selected: Found | undefined
  /** Index of a sector. */
  readonly hovered: number | undefined
  readonly sprites: LabelSprites
}

function ring(context: CanvasRenderingContext2D, x: number, y: number, radius: number, color: string, width: number) {
  context.strokeStyle = color
  context.lineWidth = width
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.stroke()
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top
}

/** A tone, light enough for text. */
function pale(color: string): string {
  return color.replace(/ (\d+)%\)$/, ' 80%)')
}
