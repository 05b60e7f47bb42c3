import type { Prng } from '@terrane/core'
import type { RegionDraft } from '../region-draft.js'
import type { SectorGraph } from '../sector-graph.js'
import { hopsFrom } from '../traversal.js'
import type { Formation } from '../universe.js'

/** Every sector that belongs to a formation; spacing is measured between these. */
export function footprint(formation: Formation): readonly number[] {
  const { anchor, interior } = formation
  return formation.kind === 'tunnel' ? [anchor, ...interior, formation.farMouth] : [anchor, ...interior]
}

/** Where the next formation can go: the graph as it is, and how far every sector is from the formations there. */
export class Site {
  readonly graph: SectorGraph
  readonly prng: Prng
  readonly formations: readonly Formation[]
  readonly name: () => string
  readonly #clearance: Int32Array
  readonly #spacing: number
  readonly #reserved: ReadonlySet<number>
  #roomy: number[] | undefined

  /** @param besides formations whose neighbourhood counts as free */
  constructor(draft: RegionDraft, prng: Prng, name: () => string, besides: readonly Formation[] = []) {
    const { band, reserved } = draft.parameters
    this.graph = draft.graph
    this.prng = prng
    this.formations = draft.formations
    this.name = name
    this.#spacing = band.spacing
    this.#reserved = reserved
    const others = this.formations.filter((formation) => !besides.includes(formation))
    this.#clearance = hopsFrom(this.graph, others.flatMap(footprint), { limit: band.spacing })
  }

  /** Whether a formation may take the sector. */
  isRoomy(sector: number): boolean {
    return (this.#clearance[sector] as number) >= this.#spacing && !this.#reserved.has(sector)
  }

  /** All sectors that a formation may take. */
  get roomy(): readonly number[] {
    this.#roomy ??= Array.from({ length: this.graph.size }, (_, index) => index + 1).filter((n) => this.isRoomy(n))
    return this.#roomy
  }

  pickRoomy(): number | undefined {
    return this.roomy.length === 0 ? undefined : this.prng.pick(this.roomy)
  }

  /** A connected group of roomy sectors around `start`, at most `size` of them. */
  grow(start: number, size: number, without?: number): number[] {
    const group = [start]
    while (group.length < size) {
      const around = group.flatMap((sector) => this.graph.neighbours(sector))
      const rim = around.filter((sector) => sector !== without && !group.includes(sector) && this.isRoomy(sector))
      if (rim.length === 0) break
      group.push(this.prng.pick(rim))
    }
    return group
  }

  /** `start` and as many roomy sectors behind it as asked for, each next to the one before. */
  walk(start: number, steps: number): number[] | undefined {
    const path = [start]
    let here = start
    for (let step = 0; step < steps; step++) {
      const next = this.graph.neighbours(here).filter((sector) => !path.includes(sector) && this.isRoomy(sector))
      if (next.length === 0) return undefined
      here = this.prng.pick(next)
      path.push(here)
    }
    return path
  }
}
