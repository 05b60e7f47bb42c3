import { AssertionError } from '@terrane/core'
import { describe, expect, it } from 'vitest'
import {
  ABSENT,
  ASKS_MAX,
  type Handover,
  type HandoverEvent,
  HYSTERESIS_TICKS,
  handover,
  isOwner,
  owned,
  recovered,
  WAIT_MS_MAX,
  waitMs,
} from './handover.js'
import { RttEstimator } from './rtt.js'

const SELF = 1
const THERE = 2
const AT_HOME: HandoverEvent = { kind: 'at', zone: SELF }
const OUTSIDE: HandoverEvent = { kind: 'at', zone: THERE }
const STAGING: Handover = { mode: 'staging', generation: 4, target: THERE, asks: 1 }
const GIVEN: Handover = { mode: 'given', generation: 5, target: THERE, sends: 1 }
const INCOMING: Handover = { mode: 'incoming', generation: 5, from: THERE }
const TIMEOUT: HandoverEvent = { kind: 'timeout' }

/** The state after some events, and the effect of the last. */
function after(state: Handover, ...events: HandoverEvent[]) {
  let step: ReturnType<typeof handover> = { state }
  for (const event of events) step = handover(SELF, step.state, event)
  return step
}

function times(count: number, event: HandoverEvent): HandoverEvent[] {
  return Array.from({ length: count }, () => event)
}

describe('an owned entity', () => {
  it('moves when it has stood in one other zone for 80 ticks in a row', () => {
    expect(HYSTERESIS_TICKS).toBe(80)
    const almost = after(owned(4), ...times(79, OUTSIDE))
    expect(almost).toEqual({ state: { mode: 'owned', generation: 4, towards: THERE, ticks: 79 } })
    expect(after(almost.state, OUTSIDE)).toEqual({ state: STAGING, effect: { kind: 'ask', to: THERE, generation: 5 } })
  })

  it('starts to count again when it comes home, is nowhere, or enters a third zone', () => {
    const almost = after(owned(4), ...times(79, OUTSIDE)).state
    expect(after(almost, AT_HOME).state).toEqual(owned(4))
    expect(after(almost, { kind: 'at', zone: undefined }).state).toEqual(owned(4))
    expect(after(almost, { kind: 'at', zone: 3 }).state).toMatchObject({ towards: 3, ticks: 1 })
  })

  it('cannot arrive: that is a bug', () => {
    for (const state of [owned(4), STAGING]) {
      expect(() => after(state, { kind: 'arrived', from: THERE, generation: 5 })).toThrow(AssertionError)
    }
  })
})

describe('before the decision', () => {
  it('the target is asked again, and after a few times things are as before', () => {
    const asked = after(STAGING, TIMEOUT)
    expect(asked).toEqual({ state: { ...STAGING, asks: 2 }, effect: { kind: 'ask', to: THERE, generation: 5 } })
    expect(after(STAGING, ...times(ASKS_MAX, TIMEOUT))).toEqual({ state: owned(4) })
  })

  it('a refusal, a way back or a third zone end it', () => {
    const full: HandoverEvent = { kind: 'answered', from: THERE, generation: 5, isReady: false }
    expect(after(STAGING, full).state).toEqual(owned(4))
    expect(after(STAGING, AT_HOME).state).toEqual(owned(4))
    expect(after(STAGING, { kind: 'at', zone: 3 }).state).toMatchObject({ mode: 'owned', towards: 3 })
    expect(after(STAGING, OUTSIDE).state).toBe(STAGING)
  })

  it('only the answer of the zone that was asked, to this question, decides', () => {
    const answer = { kind: 'answered', from: THERE, generation: 5, isReady: true } as const
    expect(after(STAGING, answer)).toEqual({ state: GIVEN, effect: { kind: 'give', to: THERE, generation: 5 } })
    expect(after(STAGING, { ...answer, from: 3 }).state).toBe(STAGING)
    expect(after(STAGING, { ...answer, generation: 3 }).state).toBe(STAGING)
    for (const state of [owned(4), GIVEN, INCOMING, ABSENT]) expect(after(state, answer)).toEqual({ state })
  })
})

describe('after the decision', () => {
  it('no wait takes it back', () => {
    const { state, effect } = after(GIVEN, ...times(100, TIMEOUT))
    expect(state).toMatchObject({ mode: 'given', target: THERE })
    expect(effect).toEqual({ kind: 'resend', to: THERE, generation: 5 })
    expect(isOwner(state)).toBe(false)
  })

  it('it ends with the acknowledgement of this move, or with the next one back', () => {
    expect(after(GIVEN, { kind: 'acknowledged', generation: 5 }).state).toBe(ABSENT)
    expect(after(GIVEN, { kind: 'acknowledged', generation: 3 }).state).toBe(GIVEN)
    expect(after(GIVEN, { kind: 'arrived', from: THERE, generation: 6 })).toEqual({
      state: owned(6),
      effect: { kind: 'take', from: THERE, generation: 6 },
    })
  })

  it('it stays although the target asks to give the entity back', () => {
    const asked: HandoverEvent = { kind: 'asked', from: THERE, generation: 6, hasRoom: true }
    const effect = { kind: 'answer', to: THERE, generation: 6, isReady: true }
    expect(after(GIVEN, asked)).toEqual({ state: GIVEN, effect })
  })
})

describe('the target', () => {
  const asked = { kind: 'asked', from: THERE, generation: 5, hasRoom: true } as const

  it('keeps room for a while, or says that there is none', () => {
    const effect = { kind: 'answer', to: THERE, generation: 5, isReady: true }
    expect(after(ABSENT, asked)).toEqual({ state: INCOMING, effect })
    expect(after(INCOMING, asked)).toEqual({ state: INCOMING, effect })
    expect(after(INCOMING, TIMEOUT).state).toBe(ABSENT)
    const full = { ...asked, hasRoom: false }
    expect(after(ABSENT, full)).toEqual({ state: ABSENT, effect: { ...effect, isReady: false } })
  })

  it('does not answer questions that came too late', () => {
    expect(after(owned(5), asked)).toEqual({ state: owned(5) })
    expect(after({ ...INCOMING, generation: 6 }, asked)).toEqual({ state: { ...INCOMING, generation: 6 } })
  })

  it('takes what arrives, whether or not it still kept room', () => {
    for (const state of [INCOMING, ABSENT]) {
      expect(after(state, { kind: 'arrived', from: THERE, generation: 5 }).state).toEqual(owned(5))
    }
  })
})

describe('waits', () => {
  it('double with each try, up to the longest that anything waits', () => {
    expect([1, 2, 3].map((asks) => waitMs({ ...STAGING, asks } as Handover, 100))).toEqual([100, 200, 400])
    expect(waitMs({ ...GIVEN, sends: 5000 } as Handover, 100)).toBe(WAIT_MS_MAX)
    expect(waitMs(INCOMING, 100)).toBe(WAIT_MS_MAX)
    expect([ABSENT, owned()].map((state) => waitMs(state, 100))).toEqual([undefined, undefined])
  })

  it('kept room outlasts the questions on a network of up to 150 ms', () => {
    const asking = Array.from({ length: ASKS_MAX }, (_, i) => waitMs({ ...STAGING, asks: i + 1 } as Handover, 150))
    expect(asking.reduce((total: number, each) => total + (each as number), 0)).toBeLessThan(WAIT_MS_MAX)
  })

  it('a crash ends questions and kept room, not decisions', () => {
    expect(recovered(STAGING)).toEqual(owned(4))
    expect(recovered({ mode: 'owned', generation: 4, towards: THERE, ticks: 70 })).toEqual(owned(4))
    expect(recovered(INCOMING)).toBe(ABSENT)
    expect(recovered(GIVEN)).toBe(GIVEN)
    expect(recovered(ABSENT)).toBe(ABSENT)
  })
})

describe('round-trip time', () => {
  it('is a second before the first sample, then SRTT + 4 RTTVAR', () => {
    const rtt = new RttEstimator()
    expect(rtt.rtoMs).toBe(1000)
    rtt.sample(100)
    // SRTT 100, RTTVAR 50.
    expect(rtt.rtoMs).toBe(300)
    rtt.sample(180)
    // RTTVAR 3/4·50 + 1/4·80 = 57.5, SRTT 7/8·100 + 1/8·180 = 110.
    expect(rtt.rtoMs).toBe(340)
  })

  it('comes down to a steady time, and up again with the jitter', () => {
    const rtt = new RttEstimator()
    for (let i = 0; i < 200; i++) rtt.sample(50)
    expect(rtt.rtoMs).toBeCloseTo(50, 5)
    rtt.sample(250)
    expect(rtt.rtoMs).toBeGreaterThan(250)
  })
})
