import { describe, expect, it } from 'vitest'
import { type BorderFigures, BorderSimulation } from './border-simulation.js'

describe('the simulator of borders', () => {
  it('finds nothing wrong in 8 runs of the engine', async () => {
    const totals: Partial<BorderFigures> = {}
    for (let seed = 1; seed <= 8; seed++) {
      const { violations, figures } = await new BorderSimulation({ seed, durationMs: 6_000 }).run()
      expect(violations, `seed ${seed}`).toEqual([])
      for (const name of Object.keys(figures) as (keyof BorderFigures)[]) {
        totals[name] = (totals[name] ?? 0) + figures[name]
      }
    }
    // Otherwise nothing was tried.
    expect(totals.handoversTaken).toBeGreaterThan(20)
    expect(totals.replicasReceived).toBeGreaterThan(1_000)
    for (const count of [totals.kills, totals.freezes, totals.durable, totals.replicasLate, totals.replicasEvicted]) {
      expect(count).toBeGreaterThan(5)
    }
  })

  it('does the same again from the same seed', async () => {
    const run = () => new BorderSimulation({ seed: 7, durationMs: 3_000 }).run()
    expect(await run()).toEqual(await run())
  })
})
