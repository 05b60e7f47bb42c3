import { assert } from '@terrane/core'

/** One arc that came or went: enough to undo it and to do it again. */
interface Change {
  readonly isAddition: boolean
  readonly from: number
  readonly to: number
  readonly isLatent: boolean
}

/** What was done between two moments, oldest first. */
export type Changes = readonly Change[]

/**
 * The sectors of a region, by number, and the directed arcs between them; a two-way warp is two arcs. Every
 * change is in a journal, so that what turns out to be wrong can be taken back and done again.
 */
export class SectorGraph {
  readonly size: number
  /** Arcs that traversals have looked at: the measure of work. */
  operations = 0
  readonly #out: number[][]
  readonly #in: number[][]
  readonly #latent = new Set<number>()
  readonly #journal: Change[] = []

  constructor(size: number) {
    this.size = size
    this.#out = Array.from({ length: size + 1 }, () => [])
    this.#in = Array.from({ length: size + 1 }, () => [])
  }

  /** Sectors that an arc leads to. Do not keep it: it is the list itself. */
  exits(sector: number): readonly number[] {
    return this.#out[sector] as number[]
  }

  /** Sectors that an arc comes from. Do not keep it: it is the list itself. */
  entries(sector: number): readonly number[] {
    return this.#in[sector] as number[]
  }

  /** Sectors joined to this one in any direction, each once. */
  neighbours(sector: number): number[] {
    const exits = this.exits(sector)
    return [...exits, ...this.entries(sector).filter((from) => !exits.includes(from))]
  }

  leads(from: number, to: number): boolean {
    return this.exits(from).includes(to)
  }

  joins(a: number, b: number): boolean {
    return this.leads(a, b) || this.leads(b, a)
  }

  isTwoWay(a: number, b: number): boolean {
    return this.leads(a, b) && this.leads(b, a)
  }

  isLatent(from: number, to: number): boolean {
    return this.#latent.has(this.#key(from, to))
  }

  add(from: number, to: number): void {
    if (!this.leads(from, to)) this.#do({ isAddition: true, from, to, isLatent: false })
  }

  remove(from: number, to: number): void {
    if (!this.leads(from, to)) return
    this.#do({ isAddition: false, from, to, isLatent: this.isLatent(from, to) })
  }

  /** Makes the arc there is into one that looks two-way. */
  hide(from: number, to: number): void {
    this.remove(from, to)
    this.#do({ isAddition: true, from, to, isLatent: true })
  }

  link(a: number, b: number): void {
    this.add(a, b)
    this.add(b, a)
  }

  unlink(a: number, b: number): void {
    this.remove(a, b)
    this.remove(b, a)
  }

  /** A moment to come back to. */
  mark(): number {
    return this.#journal.length
  }

  /** Goes back to a moment; returns what `redo` needs to come here again. */
  undoTo(mark: number): Changes {
    const undone = this.#journal.splice(mark)
    for (const change of undone.toReversed()) this.#apply({ ...change, isAddition: !change.isAddition })
    return undone
  }

  redo(changes: Changes): void {
    for (const change of changes) this.#do(change)
  }

  #do(change: Change): void {
    this.#apply(change)
    this.#journal.push(change)
  }

  #apply({ isAddition, from, to, isLatent }: Change): void {
    assert(from !== to, `sector ${from} cannot lead to itself`)
    const exits = this.#out[from] as number[]
    const entries = this.#in[to] as number[]
    if (isAddition) {
      exits.push(to)
      entries.push(from)
      if (isLatent) this.#latent.add(this.#key(from, to))
    } else {
      exits.splice(exits.indexOf(to), 1)
      entries.splice(entries.indexOf(from), 1)
      this.#latent.delete(this.#key(from, to))
    }
  }

  #key(from: number, to: number): number {
    return from * (this.size + 1) + to
  }
}
