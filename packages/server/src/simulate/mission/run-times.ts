import type { Clock } from '@terrane/core'
import type { CommitLog, KindChanges, Store } from '@terrane/engine'

/**
 * Notes when the runs of players are in the database, by the store's own answers: as late as the owner of the zone
 * learns of it.
 */
export class RunTimes {
  /** From the end of the mission, per mission and player, ms. */
  readonly visibleMs: number[] = []
  readonly #clock: () => Clock
  /** Cores by run. */
  readonly #cores = new Map<string, number>()

  constructor(clock: () => Clock) {
    this.#clock = clock
  }

  /** Sum over all runs, also those that were not kept for long. */
  get cores(): number {
    return [...this.#cores.values()].reduce((sum, cores) => sum + cores, 0)
  }

  /** The same store. */
  watch(store: Store): Store {
    const { log } = store
    const watched: CommitLog = {
      append: async (entries) => {
        const results = await log.append(entries)
        for (const [i, result] of results.entries()) {
          if (result === 'committed') for (const rows of entries[i]?.rows ?? []) this.#note(rows)
        }
        return results
      },
      headOf: (zone) => log.headOf(zone),
      read: (zone, after) => log.read(zone, after),
      trim: (zone, upTo) => log.trim(zone, upTo),
    }
    return {
      log: watched,
      checkpoints: store.checkpoints,
      zones: store.zones,
      map: store.map,
      close: () => store.close(),
    }
  }

  #note({ kind, columns }: KindChanges): void {
    if (kind.name !== 'runs') return
    const column = (name: string) => columns[kind.columns.findIndex((each) => each.name === name)] ?? []
    for (const [i, id] of column('id').entries()) {
      if (this.#cores.has(String(id))) continue
      this.#cores.set(String(id), Number(column('cores')[i]))
      this.visibleMs.push(this.#clock().now() - Number(column('endedAt')[i]))
    }
  }
}
