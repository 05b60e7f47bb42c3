import { UndirectedGraph } from 'graphology'
import type { Row } from '../world/row.js'
import { hex, type LinkTheme, type PlaceTheme } from './map-theme.js'
import { type PointKey, PointSet } from './point-set.js'

export interface PlaceNode {
  x: number
  y: number
  size: number
  color: string
  label: string
  hidden?: boolean
}

export interface PlaceEdge {
  size: number
  color: string
}

/** Places and what joins them, as the graph that sigma draws, and the shades of space around them. */
export class PlaceGraph {
  readonly graph = new UndirectedGraph<PlaceNode, PlaceEdge>()
  readonly glows = new PointSet()
  readonly #keys = new Map<string, PointKey>()
  /** Links that came before one of their ends. */
  readonly #waiting = new Map<PointKey, Row>()
  readonly #edges = new Map<PointKey, string>()
  readonly #places: PlaceTheme | undefined
  readonly #links: LinkTheme | undefined

  constructor(places: PlaceTheme | undefined, links: LinkTheme | undefined) {
    this.#places = places
    this.#links = links
    this.#anchor()
  }

  /** Without any node, sigma does not look through its camera: worlds without places need one that cannot be seen. */
  #anchor(): void {
    if (this.#places !== undefined) return
    this.graph.addNode('', { x: 0, y: 0, size: 0, color: '#000000', label: '', hidden: true })
  }

  putPlace(key: PointKey, row: Row): void {
    const theme = this.#places
    if (theme === undefined) return
    const { x, y } = theme.position(row)
    const node = { x, y, size: theme.size(row), color: hex(theme.color(row)), label: theme.label(row) }
    this.#keys.set(String(key), key)
    this.graph.mergeNode(String(key), node)
    this.glows.put(key, x, y, { color: theme.glow(row), size: theme.glowRadius, shape: 'glow' }, 0)
  }

  dropPlace(key: PointKey): void {
    if (this.graph.hasNode(String(key))) this.graph.dropNode(String(key))
    this.#keys.delete(String(key))
    this.glows.delete(key)
  }

  putLink(key: PointKey, row: Row): void {
    const theme = this.#links
    if (theme === undefined) return
    const [from, to] = theme.ends(row).map(String) as [string, string]
    if (!this.graph.hasNode(from) || !this.graph.hasNode(to)) {
      this.#waiting.set(key, row)
      return
    }
    const [edge] = this.graph.mergeEdge(from, to, { size: 0.9, color: hex(theme.color(row)) })
    this.#edges.set(key, edge)
  }

  dropLink(key: PointKey): void {
    this.#waiting.delete(key)
    const edge = this.#edges.get(key)
    this.#edges.delete(key)
    if (edge !== undefined && this.graph.hasEdge(edge)) this.graph.dropEdge(edge)
  }

  /** Draws the links that waited for their ends. */
  settle(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const [key, row] of waiting) this.putLink(key, row)
  }

  position(key: PointKey): { x: number; y: number } | undefined {
    const name = String(key)
    if (!this.graph.hasNode(name)) return undefined
    const { x, y } = this.graph.getNodeAttributes(name)
    return { x, y }
  }

  nearest(x: number, y: number, reach: number): { key: PointKey; distance: number } | undefined {
    let best: { key: PointKey; distance: number } | undefined
    this.graph.forEachNode((name, node) => {
      const distance = Math.hypot(node.x - x, node.y - y)
      if (distance <= reach && (best === undefined || distance < best.distance)) {
        best = { key: this.#keys.get(name) ?? name, distance }
      }
    })
    return best
  }

  clear(): void {
    this.graph.clear()
    this.#anchor()
    this.glows.clear()
    this.#keys.clear()
    this.#waiting.clear()
    this.#edges.clear()
  }
}
