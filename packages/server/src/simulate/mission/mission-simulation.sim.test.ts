import { describe, expect, test } from 'vitest'
import { type MissionFigures, MissionSimulation } from './mission-simulation.js'

describe('the simulator of missions', () => {
  test('finds nothing wrong in 2 runs', async () => {
    const totals: Partial<MissionFigures> = {}
    for (let seed = 1; seed <= 2; seed++) {
      const { violations, figures } = await new MissionSimulation({ seed, durationMs: 14_000 }).run()
      expect(violations, `seed ${seed}`).toEqual([])
      for (const name of Object.keys(figures) as (keyof MissionFigures)[]) {
        totals[name] = (totals[name] ?? 0) + figures[name]
      }
    }
    // Otherwise nothing was tried.
    expect(totals.missions).toBeGreaterThanOrEqual(2)
    expect(totals.handoversTaken).toBeGreaterThan(10)
    expect(totals.statesCompared).toBeGreaterThan(8_000)
    for (const count of [totals.kills, totals.slotEvents, totals.opsResent, totals.opsDuplicate]) {
      expect(count).toBeGreaterThan(0)
    }
  }, 180_000)

  test('does the same again from the same seed', async () => {
    const run = () => new MissionSimulation({ seed: 8, durationMs: 3_000 }).run()
    expect(await run()).toEqual(await run())
  }, 180_000)
})
