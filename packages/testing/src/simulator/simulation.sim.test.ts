import { describe, expect, it } from 'vitest'
import { proofWorld } from './proof-world.js'
import { Simulation } from './simulation.js'

describe('the simulator', () => {
  it('finds nothing wrong in 20 runs of the engine', async () => {
    const totals = { durable: 0, kills: 0, drops: 0, recoveries: 0 }
    for (let seed = 1; seed <= 20; seed++) {
      const { violations, figures } = await new Simulation({ world: proofWorld as never, seed }).run()
      expect(violations, `seed ${seed}`).toEqual([])
      for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += figures[name]
    }
    expect(totals.durable).toBeGreaterThan(1000)
    expect(totals.kills).toBeGreaterThan(5)
    expect(totals.drops).toBeGreaterThan(5)
  })
})
