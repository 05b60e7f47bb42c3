import { expect, test } from 'vitest'
import { isOperatorToken, neighboursOf, shareText } from './zone-map.js'

test('a zone has the neighbours that its ranges touch, of its own authority', () => {
  const ranges = ['space-1', 'space-2', 'space-1', 'space-3', 'persona-1', 'persona-2'].map((zone, i) => ({
    zone,
    authority: zone.startsWith('space') ? ('spatial' as const) : ('persona' as const),
    lo: i * 10,
    hi: i * 10 + 9,
  }))
  expect(neighboursOf({ ranges }, 'space-1')).toEqual(['space-2', 'space-3'])
  expect(neighboursOf({ ranges }, 'space-3')).toEqual(['space-1'])
  expect(neighboursOf({ ranges }, 'persona-1')).toEqual(['persona-2'])
  expect(neighboursOf({ ranges }, 'nowhere')).toEqual([])
})

test.each([
  [1, '100 %'],
  [1 / 3, '33.3 %'],
  [0.000_1, '< 0.1 %'],
  [0, '0 %'],
])('a share of %d is %s', (share, text) => {
  expect(shareText(share)).toBe(text)
})

test.each([
  [`x.${btoa(JSON.stringify({ sub: 'ann', role: 'operator' }))}.x`, true],
  [`x.${btoa(JSON.stringify({ sub: 'ann', role: 'player' }))}.x`, false],
  [`x.${btoa('null')}.x`, false],
  ['no token', false],
  ['', false],
])('the token %s is an operator’s: %s', (token, is) => {
  expect(isOperatorToken(token)).toBe(is)
})
