import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  broadcastHeader,
  decodeBinary,
  decodeText,
  encodeText,
  FRAME_REPLY,
  joinBytes,
  pushHeader,
} from './channel-frames.js'

const ref = fc.option(fc.string({ maxLength: 20 }), { nil: null })
const bytes = fc.uint8Array({ maxLength: 100 })
/** At most 255 bytes in UTF-8, whatever the characters. */
const field = fc
  .string({ unit: 'grapheme', maxLength: 15 })
  .filter((each) => new TextEncoder().encode(each).length < 256)

describe('text frames', () => {
  test('decode to what was encoded', () => {
    fc.assert(
      fc.property(ref, ref, fc.string(), fc.string(), fc.jsonValue(), (joinRef, ref, topic, event, payload) => {
        const message = { joinRef, ref, topic, event, payload }
        expect(decodeText(encodeText(message))).toEqual(JSON.parse(JSON.stringify(message)))
      }),
    )
  })

  test.each([
    '',
    'x',
    '{}',
    '[]',
    '[null,null,"t","e"]',
    '[1,null,"t","e",{}]',
    '[null,null,1,"e",{}]',
    '[null,null,"t",null,{}]',
  ])('refuse %s', (text) => {
    expect(decodeText(text)).toBeUndefined()
  })
})

describe('binary frames', () => {
  test('pushes decode to what was encoded', () => {
    fc.assert(
      fc.property(field, field, field, field, bytes, (joinRef, ref, topic, event, payload) => {
        const message = decodeBinary(joinBytes(pushHeader(joinRef, ref, topic, event), payload))
        expect(message).toEqual({ joinRef: joinRef || null, ref: ref || null, topic, event, payload })
      }),
    )
  })

  test('broadcasts decode to what was encoded', () => {
    fc.assert(
      fc.property(field, field, bytes, (topic, event, payload) => {
        const message = decodeBinary(joinBytes(broadcastHeader(topic, event), payload))
        expect(message).toEqual({ joinRef: null, ref: null, topic, event, payload })
      }),
    )
  })

  test('replies have the layout of pushes', () => {
    const reply = pushHeader('1', '2', 'zone:main', 'ok')
    reply[0] = FRAME_REPLY
    expect(decodeBinary(reply)).toMatchObject({ joinRef: '1', ref: '2', topic: 'zone:main', event: 'ok' })
  })

  test('any bytes decode or are refused, and no payload lies outside of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (given) => {
        const message = decodeBinary(given)
        if (message !== undefined) expect(message.payload.length).toBeLessThan(given.length)
      }),
      { numRuns: 2_000 },
    )
  })

  test('refuse fields that are not UTF-8 or longer than they may be', () => {
    expect(decodeBinary(new Uint8Array([2, 1, 0, 0xff]))).toBeUndefined()
    expect(decodeBinary(new Uint8Array([2, 9, 0, 0x61]))).toBeUndefined()
    expect(() => broadcastHeader('x'.repeat(256), 'e')).toThrow(RangeError)
  })
})
