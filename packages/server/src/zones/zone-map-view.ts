import { CODE_MAX } from '@terrane/causality'
import type { Engine, MapRange } from '@terrane/engine'
import type { MappedZone, ZoneHolderStats, ZoneMapInfo } from '@terrane/protocol'

export interface ZoneMapViewOptions {
  readonly engine: () => Engine
  /** This process, as its leases name it. */
  readonly owner: string
  /** Where several processes serve the world. */
  readonly cluster: { holders(): Promise<readonly ZoneHolderStats[]> } | undefined
}

/** Anybody may ask; the database is asked once a second at most. */
const FRESH_MS = 1_000

/** The zone map, with who has the zones. */
export class ZoneMapView {
  readonly #options: ZoneMapViewOptions
  #refreshedAt = Number.NEGATIVE_INFINITY
  #refreshing: Promise<unknown> | undefined

  constructor(options: ZoneMapViewOptions) {
    this.#options = options
  }

  /** Rejects as the store does. */
  async read(): Promise<ZoneMapInfo> {
    const { engine, cluster } = this.#options
    await this.#refresh()
    const { version, ranges } = engine().zoneMap
    const holders = cluster === undefined ? this.#ownHolders() : await cluster.holders()
    const byZone = new Map(holders.map((holder) => [holder.zone, holder]))
    const zones = [...new Set(ranges.map(({ zone }) => zone))]
    return { version, ranges, zones: zones.map((zone) => this.#mapped(zone, ranges, byZone.get(zone))) }
  }

  #mapped(zone: string, ranges: readonly MapRange[], holder: ZoneHolderStats | undefined): MappedZone {
    const own = ranges.filter((range) => range.zone === zone)
    const codes = own.reduce((sum, { lo, hi }) => sum + hi + 1 - lo, 0)
    const status = this.#options.engine().opened(zone)?.status()
    return {
      zone,
      authority: own[0]?.authority ?? 'spatial',
      share: codes / (CODE_MAX + 1),
      owner: holder?.owner ?? null,
      isOwn: holder?.isOwn ?? false,
      isLate: holder?.isLate ?? false,
      epoch: holder?.epoch ?? null,
      entities: status?.entities ?? null,
      sessions: status?.sessions ?? null,
    }
  }

  #ownHolders(): ZoneHolderStats[] {
    const { engine, owner } = this.#options
    return engine()
      .statuses()
      .map(({ id, epoch }) => ({ zone: id, owner, epoch, isOwn: true, isLate: false }))
  }

  async #refresh(): Promise<void> {
    const now = performance.now()
    if (now - this.#refreshedAt < FRESH_MS) return
    this.#refreshing ??= this.#options
      .engine()
      .refreshZoneMap()
      .then(() => {
        this.#refreshedAt = now
      })
      .finally(() => {
        this.#refreshing = undefined
      })
    await this.#refreshing
  }
}
