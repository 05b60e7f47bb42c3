import { Prng } from '@terrane/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareHybrid, decodeHybrid, encodeHybrid, HybridClock, type HybridTime } from './hybrid-clock.js'

const DRIFT_MS = 20
const moment = fc.record({ ms: fc.nat(2 ** 48 - 1), count: fc.nat(2 ** 16 - 1) })

interface Process {
  readonly clock: HybridClock
  nowMs: number
}

/** Processes whose physical clocks stay within DRIFT_MS of each other, jumping back now and then. */
function run(seed: number, check: (process: Process, before: HybridTime, time: HybridTime, sent?: HybridTime) => void) {
  const random = new Prng(seed)
  let trueMs = 1000
  const processes = [0, 1, 2].map(() => {
    const process: Process = {
      nowMs: trueMs,
      clock: new HybridClock({ now: () => process.nowMs }, { driftMsMax: DRIFT_MS }),
    }
    return process
  })
  const flying: HybridTime[] = []
  for (let step = 0; step < 300; step++) {
    trueMs += random.below(3)
    const process = random.pick(processes)
    process.nowMs = trueMs - random.below(DRIFT_MS)
    const before = process.clock.last
    if (flying.length > 0 && random.chance(0.5)) {
      const sent = random.pick(flying)
      check(process, before, process.clock.receive(sent), sent)
    } else {
      const time = process.clock.send()
      flying.push(time)
      check(process, before, time)
    }
  }
}

describe('hybrid clock', () => {
  it('gives every event a greater time than all it can have been caused by', () => {
    for (let seed = 0; seed < 50; seed++) {
      run(seed, (_, before, time, sent) => {
        expect(compareHybrid(time, before)).toBeGreaterThan(0)
        if (sent !== undefined) expect(compareHybrid(time, sent)).toBeGreaterThan(0)
      })
    }
  })

  it('stays at or above physical time, and within the drift of it', () => {
    let countHigh = 0
    for (let seed = 0; seed < 50; seed++) {
      run(seed, ({ nowMs }, _, time) => {
        expect(time.ms).toBeGreaterThanOrEqual(nowMs)
        expect(time.ms).toBeLessThan(nowMs + DRIFT_MS)
        countHigh = Math.max(countHigh, time.count)
      })
    }
    expect(countHigh).toBeGreaterThan(0)
  })

  it('follows the rules of the paper', () => {
    let nowMs = 10
    const clock = new HybridClock({ now: () => nowMs }, { driftMsMax: 100 })
    expect(clock.send()).toEqual({ ms: 10, count: 0 })
    expect(clock.send()).toEqual({ ms: 10, count: 1 })
    expect(clock.receive({ ms: 10, count: 7 })).toEqual({ ms: 10, count: 8 })
    expect(clock.receive({ ms: 9, count: 50 })).toEqual({ ms: 10, count: 9 })
    expect(clock.receive({ ms: 12, count: 3 })).toEqual({ ms: 12, count: 4 })
    nowMs = 20
    expect(clock.receive({ ms: 12, count: 3 })).toEqual({ ms: 20, count: 0 })
    nowMs = 5
    expect(clock.send()).toEqual({ ms: 20, count: 1 })
  })

  it('refuses a time from too far ahead and is not moved by it', () => {
    const clock = new HybridClock({ now: () => 1000 }, { driftMsMax: 50 })
    expect(() => clock.receive({ ms: 1051, count: 0 })).toThrow(
      expect.objectContaining({ code: 'clock_drift', retry: 'later' }),
    )
    expect(clock.last).toEqual({ ms: 0, count: 0 })
    expect(clock.receive({ ms: 1050, count: 0 })).toEqual({ ms: 1050, count: 1 })
  })

  it('takes the next ms when the count is used up, and goes on after a restart', () => {
    const last = { ms: 1000, count: 0xffff }
    const clock = new HybridClock({ now: () => 1000 }, { driftMsMax: 50, last })
    expect(clock.send()).toEqual({ ms: 1001, count: 0 })
  })
})

describe('encoding', () => {
  it('round-trips and sorts as the times do', () => {
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        expect(decodeHybrid(encodeHybrid(a))).toEqual(a)
        const [left, right] = [encodeHybrid(a), encodeHybrid(b)]
        expect(left < right ? -1 : left > right ? 1 : 0).toBe(Math.sign(compareHybrid(a, b)))
      }),
    )
    expect(encodeHybrid({ ms: 2 ** 48 - 1, count: 2 ** 16 - 1 })).toBe(2n ** 64n - 1n)
  })

  it('refuses what does not fit', () => {
    for (const bad of [
      { ms: 2 ** 48, count: 0 },
      { ms: 0, count: 65_536 },
      { ms: -1, count: 0 },
      { ms: 0.5, count: 0 },
    ]) {
      expect(() => encodeHybrid(bad)).toThrow('no hybrid time')
    }
    expect(() => decodeHybrid(2n ** 64n)).toThrow('64 bits')
    expect(() => decodeHybrid(-1n)).toThrow('64 bits')
  })
})
