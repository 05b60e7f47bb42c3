import type { Key, Row, RowRef } from '../world/row.js'
import type { MapTheme, PointTheme } from './map-theme.js'
import { PlaceGraph } from './place-graph.js'
import { PointSet } from './point-set.js'

export interface Area {
  readonly left: number
  readonly right: number
  readonly bottom: number
  readonly top: number
}

export interface SceneRows {
  get(kind: string, key: Key): Row | undefined
}

/** One change of a row; `row` is undefined when it is gone. */
export interface RowChange {
  readonly kind: string
  readonly key: Key
  readonly row: Row | undefined
}

/** A kind that has a position, with its points. */
export interface PointKind {
  readonly theme: PointTheme
  readonly set: PointSet
}

const EVERYWHERE: Area = {
  left: Number.NEGATIVE_INFINITY,
  right: Number.POSITIVE_INFINITY,
  bottom: Number.NEGATIVE_INFINITY,
  top: Number.POSITIVE_INFINITY,
}
/** Around the content, as a share of its longer side. */
const MARGIN_SHARE = 0.02
/** Pixels by which what is drawn below something else must be nearer to the pointer. */
const HANDICAP_PX = 2.5

/** What is on the map and where: rows as places, links and points. Knows nothing of screens. */
export class MapScene {
  readonly theme: MapTheme
  readonly rows: SceneRows
  readonly places: PlaceGraph
  /** In the order of drawing. */
  readonly points: readonly PointKind[]
  readonly #byKind: ReadonlyMap<string, PointKind>
  #player: string | undefined

  constructor(theme: MapTheme, rows: SceneRows) {
    this.theme = theme
    this.rows = rows
    this.places = new PlaceGraph(theme.places, theme.links)
    this.points = theme.points.map((each) => ({ theme: each, set: new PointSet() }))
    this.#byKind = new Map(this.points.map((each) => [each.theme.kind, each]))
  }

  /** Whose rows are drawn as the player's own. */
  get player(): string | undefined {
    return this.#player
  }

  setPlayer(player: string | undefined, nowS: number): void {
    this.#player = player
    for (const points of this.points) {
      if (points.theme.owner === undefined) continue
      for (const key of [...points.set.keys()]) {
        const row = this.rows.get(points.theme.kind, key)
        if (row !== undefined) this.#putPoint(points, key, row, nowS, false)
      }
    }
  }

  /** @param settled whether the first state is there, so that new rows may pulse. Returns whether places changed. */
  apply(changes: Iterable<RowChange>, settled: boolean, nowS: number): boolean {
    const { places, theme } = this
    let placesChanged = false
    for (const { kind, key, row } of changes) {
      const points = this.#byKind.get(kind)
      if (points !== undefined) {
        if (row === undefined) points.set.delete(key)
        else this.#putPoint(points, key, row, nowS, settled)
      } else if (kind === theme.places?.kind) {
        placesChanged = true
        if (row === undefined) places.dropPlace(key)
        else places.putPlace(key, row)
      } else if (kind === theme.links?.kind) {
        if (row === undefined) places.dropLink(key)
        else places.putLink(key, row)
      }
    }
    if (placesChanged) places.settle()
    return placesChanged
  }

  #putPoint({ theme, set }: PointKind, key: Key, row: Row, nowS: number, settled: boolean): void {
    const x = row[theme.x]
    const y = row[theme.y]
    if (typeof x !== 'number' || typeof y !== 'number') set.delete(key)
    else set.put(key, x, y, theme.look(row, this.isMine(theme, row)), nowS, settled && theme.pulse)
  }

  isMine(theme: PointTheme | undefined, row: Row): boolean {
    return this.#player !== undefined && theme?.owner !== undefined && row[theme.owner] === this.#player
  }

  pointKind(kind: string): PointKind | undefined {
    return this.#byKind.get(kind)
  }

  /** Where a row is drawn at this moment. */
  position(ref: RowRef, nowS: number): { x: number; y: number } | undefined {
    const points = this.#byKind.get(ref.kind)
    if (points !== undefined) return points.set.position(ref.key, nowS)
    return ref.kind === this.theme.places?.kind ? this.places.position(ref.key) : undefined
  }

  /** What lies at a place: what is drawn on top wins, unless something else is much nearer. */
  pick(x: number, y: number, reachPx: number, unitsPerPixel: number, nowS: number): RowRef | undefined {
    let best: RowRef | undefined
    let bestPx = Number.POSITIVE_INFINITY
    const consider = (kind: string, found: { key: Key; distance: number } | undefined, below: number) => {
      const px = (found?.distance ?? 0) / unitsPerPixel + below * HANDICAP_PX
      if (found === undefined || px >= bestPx) return
      bestPx = px
      best = { kind, key: found.key }
    }
    const reach = reachPx * unitsPerPixel
    for (const [order, { theme, set }] of this.points.entries()) {
      consider(theme.kind, set.nearest(x, y, reach, nowS), this.points.length - 1 - order)
    }
    if (this.theme.places !== undefined) consider(this.theme.places.kind, this.places.nearest(x, y, reach), 1)
    return best
  }

  /** Until when something moves or pulses. */
  get busyUntilS(): number {
    return Math.max(0, ...this.points.map(({ set }) => set.busyUntilS))
  }

  /** The places, or all points where there are none, with a margin; undefined when there is nothing. */
  extent(nowS: number): Area | undefined {
    const area = {
      left: Number.POSITIVE_INFINITY,
      right: Number.NEGATIVE_INFINITY,
      bottom: Number.POSITIVE_INFINITY,
      top: Number.NEGATIVE_INFINITY,
    }
    const include = (x: number, y: number): undefined => {
      area.left = Math.min(area.left, x)
      area.right = Math.max(area.right, x)
      area.bottom = Math.min(area.bottom, y)
      area.top = Math.max(area.top, y)
    }
    if (this.theme.places !== undefined) this.places.graph.forEachNode((_, node) => include(node.x, node.y))
    else for (const { set } of this.points) set.within(EVERYWHERE, nowS, (_, x, y) => include(x, y))
    if (area.left > area.right) return undefined
    const margin = Math.max(1, MARGIN_SHARE * Math.max(area.right - area.left, area.top - area.bottom))
    return {
      left: area.left - margin,
      right: area.right + margin,
      bottom: area.bottom - margin,
      top: area.top + margin,
    }
  }

  clear(): void {
    for (const { set } of this.points) set.clear()
    this.places.clear()
  }
}

export function holds(outer: Area, inner: Area): boolean {
  return (
    inner.left >= outer.left && inner.right <= outer.right && inner.bottom >= outer.bottom && inner.top <= outer.top
  )
}
