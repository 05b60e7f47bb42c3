import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Completion, decodeCompletions, encodeCompletions } from './completion.js'

const COMPLETION: Completion = {
  jobId: 'j',
  claimToken: '1.2.3',
  workHash: new Uint8Array(32).fill(7),
  result: Uint8Array.of(1, 2),
  elapsedMs: 12.5,
}

test('completions come out as they went in', () => {
  expect(decodeCompletions(encodeCompletions([COMPLETION, COMPLETION]), 2)).toMatchObject([COMPLETION, COMPLETION])
})

test.each([
  ['none', []],
  ['too many', [COMPLETION, COMPLETION, COMPLETION]],
  ['no job', [{ ...COMPLETION, jobId: '' }]],
  ['no claim', [{ ...COMPLETION, claimToken: '' }]],
  ['short hash', [{ ...COMPLETION, workHash: new Uint8Array(31) }]],
  ['NaN time', [{ ...COMPLETION, elapsedMs: Number.NaN }]],
  ['negative time', [{ ...COMPLETION, elapsedMs: -1 }]],
])('refused: %s', (_, chunks) => {
  expect(() => decodeCompletions(encodeCompletions(chunks), 2)).toThrow(
    expect.objectContaining({ code: 'bad_encoding' }),
  )
})

test('whatever the bytes, they are completions or refused with a code', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        expect(decodeCompletions(bytes, 10).length).toBeGreaterThan(0)
      } catch (error) {
        expect(error).toMatchObject({ code: 'bad_encoding' })
      }
    }),
  )
})
