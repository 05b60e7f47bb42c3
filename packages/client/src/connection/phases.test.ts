import { describe, expect, test } from 'vitest'
import { type Happening, nextPhase, PHASES, type Phase, statusOf } from './phases.js'

describe('phases of a connection', () => {
  test('every phase can be closed, and closed is for good', () => {
    for (const phase of Object.keys(PHASES) as Phase[]) expect(nextPhase(phase, 'close')).toBe('closed')
    for (const happening of Object.keys(PHASES.closed) as Happening[]) {
      if (happening !== 'close') expect(() => nextPhase('closed', happening)).toThrow(/cannot happen/)
    }
  })

  test('only a join leads online, and only a pause leads to another attempt', () => {
    const into = (target: Phase) =>
      Object.entries(PHASES).flatMap(([phase, row]) =>
        Object.entries(row).flatMap(([happening, next]) => (next === target ? [`${phase} ${happening}`] : [])),
      )
    expect(into('online')).toEqual(['joining joined'])
    expect(into('authorizing')).toEqual(['waiting due'])
  })

  test('show as a status', () => {
    expect(statusOf('joining', false)).toBe('connecting')
    expect(statusOf('joining', true)).toBe('reconnecting')
    expect(statusOf('online', true)).toBe('online')
  })
})
