import { FORMATION_KINDS } from '../model/formation-kinds.js'
import { type Galaxy, regionAt } from '../model/galaxy.js'
import { regionTitle } from '../model/region-title.js'
import { type Box, grown, MARKS } from '../model/sky.js'
import type { SkyIndex } from '../model/sky-index.js'
import { type Found, type Group, neighboursOf, sectorsOfTarget } from '../model/target.js'
import { TONES } from '../model/tones.js'
import { type Detail, detailAt } from './detail.js'
import { highlight, ring } from './highlight.js'
import type { LabelSprites, LabelStyle } from './label-sprites.js'
import type { Layers } from './layers.js'
import { type Screen, toScreen, type View, visibleBox } from './view.js'

const LABELS_MAX = 160
/** The Nexus is a square within the circle of its region: half its side, in radii. */
const NEXUS_HALF = Math.SQRT1_2

const REGION_STYLE: LabelStyle = { size: 11, weight: 600, color: '#e9eef4', isSpaced: true }
const SECTOR_STYLE: LabelStyle = { size: 11, weight: 500, color: '#c4cfdb' }

interface Label {
  readonly text: string
  readonly style: LabelStyle
  /** CSS pixels; the label's middle. */
  readonly x: number
  readonly y: number
  readonly alpha: number
  /** Whether it may stand a line higher or lower where another one is. */
  readonly mayShift?: boolean
}

/** Of names beside what is highlighted, and of others meanwhile. */
const FAINT = 0.3

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
    const { sky } = this.#galaxy
    const at = (sector: number) => toScreen(view, screen, sky.x[sector] as number, sky.y[sector] as number)
    const highlighter = { context, galaxy: this.#galaxy, index: this.#index, view, screen, detail, at }
    if (shown.selected !== undefined) highlight(highlighter, shown.selected)
    if (shown.hovered !== undefined) {
      ring(context, at(shown.hovered), detail.dotRadius + 5, { color: '#ffffff', width: 1.5 })
    }
    if (shown.layers.names) this.#drawNames(context, view, screen, detail, shown)
  }

  /** Names by importance; one that would cover another is left out. */
  #drawNames(context: CanvasRenderingContext2D, view: View, screen: Screen, detail: Detail, shown: Shown): void {
    const taken: Box[] = []
    let drawn = 0
    for (const label of this.#labels(view, screen, detail, shown)) {
      if (drawn >= LABELS_MAX) break
      const { canvas, width, height } = shown.sprites.get(label.text, label.style)
      const left = Math.round(label.x - width / 2)
      const tops = (label.mayShift ? [0, -height, height] : [0]).map((by) => Math.round(label.y - height / 2 + by))
      const boxes = tops.map((top) => ({ left, top, right: left + width, bottom: top + height }))
      const box = boxes.find((each) => !taken.some((other) => overlaps(each, other)))
      if (box === undefined || !overlaps(box, { left: 0, top: 0, right: screen.width, bottom: screen.height })) continue
      taken.push(box)
      drawn++
      context.globalAlpha = label.alpha
      context.drawImage(canvas, left, box.top, width, height)
    }
    context.globalAlpha = 1
  }

  /** Those of what is highlighted come first, and the others step back. */
  *#labels(view: View, screen: Screen, detail: Detail, shown: Shown): Generator<Label> {
    const { selected } = shown
    const isGroup = selected?.kind === 'formation' || selected?.kind === 'cluster'
    if (isGroup) yield* this.#groupLabels(view, screen, detail, selected)
    for (const label of this.#allLabels(view, screen, detail, shown)) {
      yield isGroup ? { ...label, alpha: label.alpha * FAINT } : label
    }
  }

  /** Its name above it; the sectors of a formation, of which there are few. */
  *#groupLabels(view: View, screen: Screen, detail: Detail, group: Group): Generator<Label> {
    const { sky } = this.#galaxy
    const own = sectorsOfTarget(group)
    const top = Math.min(...own.map((sector) => sky.y[sector] as number))
    const { x, y } = toScreen(view, screen, group.kind === 'cluster' ? group.cluster.x : group.formation.x, top)
    const color =
      group.kind === 'cluster' ? pale(TONES[group.cluster.tone] as string) : lookOf(group.formation.kind).color
    const text =
      group.kind === 'cluster'
        ? group.cluster.name
        : `${lookOf(group.formation.kind).label}: ${group.formation.formation.name}`
    yield { text, style: { size: 13, weight: 600, color }, x, y: y - 2 * detail.dotRadius - 12, alpha: 1 }
    if (group.kind === 'cluster') return
    for (const sector of [...own, ...neighboursOf(group)]) yield this.#sectorLabel(view, screen, detail, sector, 1)
  }

  *#allLabels(view: View, screen: Screen, detail: Detail, shown: Shown): Generator<Label> {
    const galaxy = this.#galaxy
    if (detail.regionNames > 0) {
      for (const region of galaxy.regions) {
        const { x, y, radius, isNexus } = region
        // Names of clusters take the middle of the Nexus from its own.
        const down = isNexus ? detail.clusterNames * (radius * NEXUS_HALF + 10 / view.scale) : radius * 0.98
        const at = toScreen(view, screen, x, y + down)
        const text = regionTitle(region).toUpperCase()
        const style = isNexus ? { ...REGION_STYLE, size: 14 } : REGION_STYLE
        yield { text, style, ...at, alpha: detail.regionNames }
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
        yield { text: cluster.name, style, ...at, alpha: detail.clusterNames, mayShift: true }
      }
    }
    if (detail.formationNames > 0) {
      for (const { formation, kind, x, y, sectors } of galaxy.formations) {
        const look = lookOf(kind)
        if ((shown.layers.formations & (1 << kind)) === 0 || !isVisible({ x, y })) continue
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
    for (const sector of sectors) yield this.#sectorLabel(view, screen, detail, sector, detail.sectorNames)
  }

  #sectorLabel(view: View, screen: Screen, detail: Detail, sector: number, alpha: number): Label {
    const { sky } = this.#galaxy
    const at = toScreen(view, screen, sky.x[sector] as number, sky.y[sector] as number)
    const number = sector - regionAt(this.#galaxy, sector).first + 1
    const name = this.#stationNames.get(sector)
    const text = name === undefined ? String(number) : `${number} ${name}`
    return { text, style: SECTOR_STYLE, x: at.x, y: at.y + detail.dotRadius + 10, alpha }
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

function lookOf(kind: number) {
  return FORMATION_KINDS[kind] as (typeof FORMATION_KINDS)[number]
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top
}

/** A tone, light enough for text. */
function pale(color: string): string {
  return color.replace(/ (\d+)%\)$/, ' 80%)')
}
