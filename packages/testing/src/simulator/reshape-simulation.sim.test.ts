import type { MapWrite, Store } from '@terrane/engine'
import { describe, expect, it } from 'vitest'
import { type ReshapeFigures, ReshapeSimulation } from './reshape-simulation.js'

/** Mistakes of a store, or of what uses it; each must show within a few seeds. */
const BUGS: Record<string, (store: Store) => Store> = {
  'rows come without going': withMap((write) => ({ ...write, appends: write.appends.map(withoutGoing) })),
  'rows go without coming': withMap((write) => ({ ...write, appends: write.appends.filter((_, i) => i !== 1) })),
  'the map changes without the rows': withMap((write) => ({ ...write, appends: [] })),
  'a change is answered before it is written': (store) => ({
    ...parts(store),
    map: {
      read: () => store.map.read(),
      write: async (change) => {
        store.map.write(change).catch(() => {})
        return 'written'
      },
    },
  }),
}

function withMap(change: (write: MapWrite) => MapWrite): (store: Store) => Store {
  return (store) => ({
    ...parts(store),
    map: {
      read: () => store.map.read(),
      write: (write) => store.map.write(write.appends.length === 0 ? write : change(write)),
    },
  })
}

const parts = (store: Store): Store => ({
  log: store.log,
  checkpoints: store.checkpoints,
  zones: store.zones,
  map: store.map,
  close: () => store.close(),
})

/** The deletions of rows that are written with the commit are forgotten. */
function withoutGoing(entry: MapWrite['appends'][number]): MapWrite['appends'][number] {
  return entry.rows === undefined
    ? entry
    : { ...entry, rows: entry.rows.map((changes) => ({ ...changes, deleted: [] })) }
}

describe('the simulator of zones that change', () => {
  it('finds nothing wrong in 10 runs of the engine', async () => {
    const totals: Partial<ReshapeFigures> = {}
    for (let seed = 1; seed <= 10; seed++) {
      const { violations, figures } = await new ReshapeSimulation({ seed }).run()
      expect(violations, `seed ${seed}`).toEqual([])
      for (const name of Object.keys(figures) as (keyof ReshapeFigures)[]) {
        totals[name] = (totals[name] ?? 0) + figures[name]
      }
    }
    // Otherwise nothing was tried.
    expect(totals.durable).toBeGreaterThan(1_000)
    for (const name of ['splits', 'merges', 'moves', 'failures', 'kills'] as const) {
      expect(totals[name], name).toBeGreaterThan(5)
    }
    expect(totals.rows).toBeGreaterThan(500)
  })

  it('does the same again from the same seed', async () => {
    const [first, second] = [
      await new ReshapeSimulation({ seed: 7 }).run(),
      await new ReshapeSimulation({ seed: 7 }).run(),
    ]
    expect(second).toEqual(first)
  })

  it.each(Object.entries(BUGS))('finds the bug: %s', async (_name, sabotageStore) => {
    for (let seed = 1; seed <= 40; seed++) {
      const { violations } = await new ReshapeSimulation({ seed, sabotageStore }).run()
      if (violations.length > 0) return
    }
    expect.unreachable('no seed up to 40 shows it')
  })
})
