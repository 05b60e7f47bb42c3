import { describe, expect, it } from 'vitest'
import { type JobsFigures, JobsSimulation } from './jobs-simulation.js'

describe('the simulator of jobs', () => {
  it('finds nothing wrong in 20 runs of the runtime', async () => {
    const totals: Partial<JobsFigures> = {}
    for (let seed = 1; seed <= 20; seed++) {
      const { violations, figures } = await new JobsSimulation({ seed }).run()
      expect(violations, `seed ${seed}`).toEqual([])
      for (const name of Object.keys(figures) as (keyof JobsFigures)[])
        totals[name] = (totals[name] ?? 0) + figures[name]
    }
    // Otherwise nothing was tried.
    expect(totals.accepted).toBeGreaterThan(1_000)
    expect(totals.completed).toBeGreaterThan(20)
    for (const name of ['idempotent', 'conflict', 'stale', 'reclaimed', 'kills', 'liars'] as const) {
      expect(totals[name], name).toBeGreaterThan(10)
    }
  })

  it('does the same again from the same seed', async () => {
    const [first, second] = [await new JobsSimulation({ seed: 7 }).run(), await new JobsSimulation({ seed: 7 }).run()]
    expect(second).toEqual(first)
  })
})
