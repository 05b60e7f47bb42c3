import type { JobLimits } from '../runtime/ports.js'

/** Weight of the latest measurement; the rest is what was known before. */
const WEIGHT = 0.3
/** While there is work for all, everybody gets so many more chunks: the last ones are small, so that all end at once. */
const CHUNKS_AHEAD = 2
const CHUNK_UNITS_MIN = 100

/** How fast a job's units are computed, by whom; and so how large chunks are and how long leases run. */
export class Pace {
  readonly #limits: JobLimits
  readonly #msPerUnit = new Map<string, number>()
  #msPerUnitOfAll: number | undefined
  #fixedUnits: number | undefined

  constructor(limits: JobLimits) {
    this.#limits = limits
  }

  /** By the runtime's clock, from claim to completion: what a node says of itself does not count. */
  measured(node: string, units: number, elapsedMs: number): void {
    const measured = elapsedMs / units
    const mix = (before: number | undefined) =>
      before === undefined ? measured : before + (measured - before) * WEIGHT
    this.#msPerUnit.set(node, mix(this.#msPerUnit.get(node)))
    this.#msPerUnitOfAll = mix(this.#msPerUnitOfAll)
  }

  /** All chunks of the phase are of one size. */
  cut(units: number, chunks: number): void {
    this.#fixedUnits = Math.max(1, Math.ceil(units / chunks))
  }

  /**
   * @param remaining units that the phase still needs
   * @param capacity chunks that all nodes together can have
   */
  unitsFor(node: string, remaining: number, capacity: number): number {
    if (this.#fixedUnits !== undefined) return this.#fixedUnits
    const { chunkMs, chunkUnitsMax, firstChunkUnits } = this.#limits
    const msPerUnit = this.#msPerUnitOf(node)
    const affordable =
      msPerUnit === undefined ? firstChunkUnits : chunkMs / Math.max(msPerUnit, chunkMs / chunkUnitsMax)
    const share = remaining / (CHUNKS_AHEAD * Math.max(1, capacity))
    return Math.max(1, Math.floor(Math.min(affordable, Math.max(share, CHUNK_UNITS_MIN))))
  }

  leaseMs(node: string, units: number): number {
    const { leaseFactor, leaseMsMin, leaseMsMax } = this.#limits
    const expectedMs = units * (this.#msPerUnitOf(node) ?? 0)
    return Math.min(leaseMsMax, Math.max(leaseMsMin, leaseFactor * expectedMs))
  }

  #msPerUnitOf(node: string): number | undefined {
    return this.#msPerUnit.get(node) ?? this.#msPerUnitOfAll
  }
}
