import { expect, test } from 'vitest'
import { cleanVerdict, judgeMarks, lettersOf } from './outcomes.js'

function verdictOn(outcomes: string, pages: Record<string, string>) {
  const verdict = cleanVerdict()
  judgeMarks({ player: 'p', outcomes }, pages, 4, verdict)
  const { examples, ...counts } = verdict
  return { counts: Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)), examples }
}

test('what was promised and what is there agree', () => {
  // An input without an answer may have been accepted or refused.
  expect(verdictOn('drdduu', { 0: '1011', 1: '1000' })).toEqual({ counts: { unknown: 2 }, examples: [] })
  expect(verdictOn('', {})).toEqual({ counts: {}, examples: [] })
  expect(verdictOn('r', {})).toEqual({ counts: {}, examples: [] })
})

test('every broken promise is found, and named', () => {
  expect(verdictOn('ddd', { 0: '1010' })).toEqual({ counts: { lost: 1 }, examples: ['lost: input 1 of p'] })
  expect(verdictOn('d', {})).toMatchObject({ counts: { lost: 1 } })
  expect(verdictOn('dd', { 0: '1200' })).toMatchObject({ counts: { doubled: 1 } })
  expect(verdictOn('uu', { 0: '3100' })).toMatchObject({ counts: { doubled: 1, unknown: 2 } })
  expect(verdictOn('dr', { 0: '1100' })).toMatchObject({ counts: { rejectedButApplied: 1 } })
  expect(verdictOn('d', { 0: '1001' })).toMatchObject({ counts: { phantoms: 1 } })
  expect(verdictOn('dddd', { 0: '1111', 7: '0100' })).toMatchObject({ examples: ['phantoms: input 29 of p'] })
  expect(verdictOn('dpf', { 0: '1010' })).toMatchObject({ counts: { unsettled: 2 } })
})

test('outcomes travel as one letter each', () => {
  expect(lettersOf(['durable', 'rejected', 'unknown', 'pending', 'failed'])).toBe('drupf')
})
