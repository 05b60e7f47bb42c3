import { describe, expect, it } from 'vitest'
import { CheckpointPace } from './checkpoint-pace.js'

/** Under load: a slice of zone `before` has just taken 10 ms while commits waited. */
function loaded(): CheckpointPace {
  const pace = new CheckpointPace(0.1)
  pace.began('before')
  pace.ended('before', 0, 10, true)
  return pace
}

describe('turns of checkpoints', () => {
  it('are free while commits do not wait for the database', () => {
    const pace = new CheckpointPace(0.1)
    pace.began('a')
    expect(pace.isTurnOf('b', 0)).toBe(true)
    pace.began('b')
    pace.ended('a', 5, 5, false)
    expect(pace.isTurnOf('c', 5)).toBe(true)
  })

  it('come after a pause that keeps all zones together to the share', () => {
    const pace = loaded()
    expect(pace.isTurnOf('a', 89)).toBe(false)
    expect(pace.isTurnOf('a', 90)).toBe(true)
  })

  it('come one at a time, to who waits longest', () => {
    const pace = loaded()
    expect(pace.isTurnOf('b', 1)).toBe(false)
    expect(pace.isTurnOf('a', 2)).toBe(false)
    expect(pace.isTurnOf('a', 100)).toBe(false)
    expect(pace.isTurnOf('b', 100)).toBe(true)
    pace.began('b')
    expect(pace.isTurnOf('a', 101)).toBe(false)
    pace.ended('b', 110, 0, true)
    expect(pace.isTurnOf('a', 110)).toBe(true)
  })

  it('pass on when a zone goes, waiting or writing', () => {
    const pace = loaded()
    expect([pace.isTurnOf('a', 100), pace.isTurnOf('b', 100)]).toEqual([true, false])
    pace.leave('a')
    expect(pace.isTurnOf('b', 100)).toBe(true)
    pace.began('b')
    pace.leave('b')
    expect(pace.isTurnOf('c', 100)).toBe(true)
  })

  it('are free again once commits no longer wait', () => {
    const pace = loaded()
    expect(pace.isTurnOf('a', 100)).toBe(true)
    pace.began('a')
    pace.ended('a', 110, 10, false)
    expect([pace.isTurnOf('b', 110), pace.isTurnOf('c', 110)]).toEqual([true, true])
  })
})
