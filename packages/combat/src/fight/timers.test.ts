import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Timers } from './timers.js'

const TIMERS = 12
const step = fc.oneof(
  fc.record({ do: fc.constant('schedule'), timer: fc.nat(TIMERS - 1), afterMs: fc.nat(20) }),
  fc.record({ do: fc.constant('cancel'), timer: fc.nat(TIMERS - 1), afterMs: fc.constant(0) }),
  fc.record({ do: fc.constant('take'), timer: fc.constant(0), afterMs: fc.constant(0) }),
)

test('timers are taken by time, then by when they were scheduled; as from a sorted list', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const timers = new Timers(TIMERS)
      let model: { timer: number; timeMs: number }[] = []
      let nowMs = 0
      for (const { do: what, timer, afterMs } of steps) {
        if (what === 'take') {
          // Sorting is stable: equal times stay in order of insertion.
          const [first] = [...model].sort((a, b) => a.timeMs - b.timeMs)
          expect(timers.take()).toBe(first?.timer ?? -1)
          if (first !== undefined) nowMs = first.timeMs
          model = model.filter((each) => each !== first)
          continue
        }
        model = model.filter((each) => each.timer !== timer)
        if (what === 'cancel') timers.cancel(timer)
        else {
          timers.schedule(timer, nowMs + afterMs)
          model.push({ timer, timeMs: nowMs + afterMs })
        }
        for (let each = 0; each < TIMERS; each++) {
          expect(timers.isRunning(each)).toBe(model.some((running) => running.timer === each))
        }
      }
    }),
    { numRuns: 500 },
  )
})
