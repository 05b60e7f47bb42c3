import { Prng } from '@terrane/core'
import { Namer } from '../region/names.js'
import type { SizeBand } from './budgets.js'
import { SectorGraph } from './sector-graph.js'
import type { Places } from './spatial-grid.js'
import type {
  Anchor,
  Cluster,
  Formation,
  Planet,
  Position,
  RegionType,
  SectorType,
  Station,
  Warp,
  Zone,
} from './universe.js'

export interface DraftParameters {
  readonly name: string
  readonly type: RegionType
  readonly seed: string
  readonly sectors: number
  readonly band: SizeBand
  readonly batchSize: number
  readonly capital: number
  readonly anchors: readonly Anchor[]
  /** Sectors that stay ordinary: no formation takes them. */
  readonly reserved: ReadonlySet<number>
  readonly protected: ReadonlySet<number>
}

/** A long-distance tunnel; whether it leads back is in the graph. */
export interface NaturalTunnel {
  readonly from: number
  readonly to: number
  readonly turns: number
}

/** A region while the phases work on it. Lists by sector have nothing at index 0. */
export class RegionDraft {
  readonly parameters: DraftParameters
  readonly graph: SectorGraph
  readonly places: Places
  readonly hilbert: Int32Array
  readonly types: SectorType[]
  zones: readonly Zone[] = []
  clusters: readonly Cluster[] = []
  readonly formations: Formation[] = []
  readonly tunnels: NaturalTunnel[] = []
  stations: readonly Station[] = []
  planets: readonly Planet[] = []

  constructor(parameters: DraftParameters) {
    this.parameters = parameters
    const length = parameters.sectors + 1
    this.graph = new SectorGraph(parameters.sectors)
    this.places = { x: new Int32Array(length), y: new Int32Array(length), z: new Int32Array(length) }
    this.hilbert = new Int32Array(length)
    this.types = new Array<SectorType>(length).fill('standard')
  }

  /** A stream of randomness of its own for each purpose: what one phase draws shifts no other. */
  random(purpose: string): Prng {
    const { type, sectors, seed } = this.parameters
    return new Prng(`${type} ${sectors} ${seed} ${purpose}`)
  }

  /** Draws names that no other draw with this namer gives. */
  namer(purpose: string): Namer {
    return new Namer(this.random(`names of ${purpose}`))
  }

  *numbers(): Iterable<number> {
    for (let number = 1; number <= this.parameters.sectors; number++) yield number
  }

  position(sector: number): Position {
    const { x, y, z } = this.places
    return [x[sector] as number, y[sector] as number, z[sector] as number]
  }

  /** For every sector where its arcs lead, latent ones with a question mark: all that checksums need. */
  arcs(): string[] {
    const { graph } = this
    return [...this.numbers()].map((from) => {
      const exits = graph.exits(from).toSorted((a, b) => a - b)
      return exits.map((to) => (graph.isLatent(from, to) ? `${to}?` : to)).join(' ')
    })
  }

  /** Every edge but the natural tunnels, in the order of its ends. */
  warps(): Warp[] {
    const tunnels = new Set(this.tunnels.map(({ from, to }) => this.#pair(from, to)))
    const warps: Warp[] = []
    for (const from of this.numbers()) {
      for (const to of this.graph.exits(from).toSorted((a, b) => a - b)) {
        const twoWay = this.graph.leads(to, from)
        if ((twoWay && from > to) || tunnels.has(this.#pair(from, to))) continue
        warps.push({ from, to, twoWay, latent: !twoWay && this.graph.isLatent(from, to), turns: 1 })
      }
    }
    return warps
  }

  tunnelWarps(): Warp[] {
    return this.tunnels
      .map(({ from, to, turns }) => {
        const twoWay = this.graph.isTwoWay(from, to)
        const [first, second] = twoWay && from > to ? [to, from] : [from, to]
        return { from: first, to: second, twoWay, latent: false, turns }
      })
      .sort((a, b) => a.from - b.from || a.to - b.to)
  }

  #pair(a: number, b: number): number {
    return Math.min(a, b) * (this.parameters.sectors + 1) + Math.max(a, b)
  }
}
