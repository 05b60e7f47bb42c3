import type { ZoneMapStore } from '../ports/store.js'
import type { ZoneLayout } from './zone-layout.js'
import { ZoneMap } from './zone-map.js'

/**
 * The newest zone map that this process knows. Another process may have changed it meanwhile; a zone that is open here
 * has the codes that this map says, because a change appends to the logs of all zones whose codes it changes, which
 * only their owner can.
 */
export class CurrentMap {
  readonly #layout: ZoneLayout
  readonly #store: ZoneMapStore
  #map = ZoneMap.none

  constructor(layout: ZoneLayout, store: ZoneMapStore) {
    this.#layout = layout
    this.#store = store
  }

  get value(): ZoneMap {
    return this.#map
  }

  /** The world declares zones that are in a map. */
  get isUsed(): boolean {
    return this.#layout.authorities.length > 0
  }

  /** Reads the map, and writes what the world declares and no map had so far. */
  async load(): Promise<void> {
    await this.refresh()
    const initial = ZoneMap.initial(this.#layout)
    for (;;) {
      const { version, ranges } = this.#map
      const missing = initial.ranges.filter(({ authority }) => this.#map.zones(authority).length === 0)
      if (missing.length === 0) return
      const next = [...ranges, ...missing]
      const result = await this.#store.write({ from: version, ranges: next, appends: [] })
      if (result === 'written') this.adopt(ZoneMap.of(version + 1, next))
      else await this.refresh()
    }
  }

  async refresh(): Promise<void> {
    if (!this.isUsed) return
    const { version, ranges } = await this.#store.read()
    if (version > this.#map.version) this.adopt(ZoneMap.of(version, ranges))
  }

  /** Takes over a map that has been written. */
  adopt(map: ZoneMap): void {
    if (map.version > this.#map.version) this.#map = map
  }
}
