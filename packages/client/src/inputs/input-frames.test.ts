import { decodeBinary, pack, SKIP, unpack } from '@terrane/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AckReader } from './ack-reader.js'
import { ArgsWriter } from './args-writer.js'
import { type FrameItem, InputFrames, SKIPPED } from './input-frames.js'
import { measureSendPath } from './send-path.bench.js'

const whole = fc.oneof(fc.nat(300), fc.nat(100_000), fc.nat(2 ** 31), fc.maxSafeNat())

describe('input frames', () => {
  test('are what the general encoder makes', () => {
    const frames = new InputFrames('7', 'zone:main')
    const item = fc.record({
      index: fc.nat(300),
      args: fc.option(fc.array(fc.oneof(fc.integer(), fc.string({ maxLength: 80 }))), { nil: undefined }),
    })
    fc.assert(
      fc.property(whole, fc.array(item, { minLength: 1, maxLength: 40 }), (seq, items) => {
        const packed = items.map(({ index, args }) => (args === undefined ? SKIPPED : itemOf(index, args)))
        const frame = decodeBinary(frames.many(seq, packed))
        expect(frame).toMatchObject({ joinRef: '7', ref: null, topic: 'zone:main', event: 'i' })
        const expected = items.flatMap(({ index, args }) => (args === undefined ? [SKIP, null] : [index, args]))
        expect(unpack(frame?.payload as Uint8Array)).toEqual([seq, ...expected])
        const single = decodeBinary(frames.one(seq, packed[0] as FrameItem))
        expect(unpack(single?.payload as Uint8Array)).toEqual([seq, ...expected.slice(0, 2)])
      }),
    )
  })

  test('keep their bytes when later ones are built', () => {
    const frames = new InputFrames('1', 'zone:main')
    const item = itemOf(0, ['x'.repeat(100)])
    const all = Array.from({ length: 1000 }, (_, i) => frames.one(i + 1, item))
    expect(all.map((frame) => (unpack(decodeBinary(frame)?.payload as Uint8Array) as number[])[0])).toEqual(
      all.map((_, i) => i + 1),
    )
  })
})

function itemOf(index: number, args: unknown): FrameItem {
  const bytes = pack(args)
  return { index, bytes, start: 0, end: bytes.length }
}

describe('arguments', () => {
  const writer = new ArgsWriter(64 * 1024)
  const written = (fields: readonly string[], args: unknown) => {
    writer.write('test', fields, args)
    return unpack(writer.bytes.subarray(writer.start, writer.end))
  }
  const finite = fc.double({ noNaN: true }).map((value) => value + 0)
  const text = fc.string({ unit: 'grapheme', maxLength: 300 })
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(finite, fc.maxSafeInteger(), fc.integer(), text, fc.boolean(), fc.constant(null)),
      fc.date({ noInvalidDate: true }),
      fc.uint8Array({ maxLength: 300 }),
      fc.array(tie('value'), { maxLength: 20 }),
      fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        tie('value'),
        { noNullPrototype: true },
      ),
    ),
  }))

  test('come back as they were', () => {
    const plain = (each: unknown): unknown => (each instanceof Uint8Array ? [...each] : each)
    fc.assert(
      fc.property(fc.array(value, { maxLength: 20 }), (values) => {
        const fields = values.map((_, i) => `f${i}`)
        const back = written(fields, Object.fromEntries(values.map((each, i) => [`f${i}`, each]))) as unknown[]
        expect(back.map(plain)).toEqual(values.map((each) => plain(Object.is(each, -0) ? 0 : each)))
      }),
    )
  })

  test('that are missing are left out', () => {
    const fields = ['a', 'b', 'c']
    expect(written(fields, undefined)).toEqual([])
    expect(written(fields, { a: 1, c: undefined })).toEqual([1])
    expect(written(fields, { a: null, b: 2 })).toEqual([null, 2])
    expect(written(fields, { c: { deep: undefined, x: [undefined] } })).toEqual({ c: { x: [null] } })
  })

  test('that a server would not read are refused', () => {
    const cyclic: Record<string, unknown> = {}
    cyclic.self = cyclic
    for (const bad of [1n, () => 1, Symbol('s'), new Map(), /x/, new Date(Number.NaN), cyclic]) {
      expect(() => written(['a'], { a: bad })).toThrow(expect.objectContaining({ code: 'invalid_args' }))
    }
    expect(() => written(['a'], { a: 'x'.repeat(70_000) })).toThrow(
      expect.objectContaining({ code: 'input_too_large' }),
    )
    expect(written(['a'], { a: 1 })).toEqual([1])
  })

  test('stay where they are when more are written', () => {
    const kept = Array.from({ length: 2000 }, (_, i) => {
      writer.write('test', ['n', 'text'], { n: i, text: 'x'.repeat(i % 50) })
      return { bytes: writer.bytes, start: writer.start, end: writer.end }
    })
    const back = kept.map(({ bytes, start, end }) => (unpack(bytes.subarray(start, end)) as number[])[0])
    expect(back).toEqual(kept.map((_, i) => i))
  })
})

test('acks read as the general decoder reads them', () => {
  const reader = new AckReader()
  const outcomes = fc.array(fc.constantFrom(1, 'x', null, { code: 'no' }), { maxLength: 4 })
  fc.assert(
    fc.property(whole, whole, outcomes, (applied, durable, list) => {
      const bytes = Buffer.concat([Buffer.from([1, 2]), pack([applied, durable, list])])
      expect(reader.read(bytes, 2)).toEqual({ applied, durable, outcomes: list })
    }),
  )
  for (const wrong of [pack(1), pack([1, 2]), pack(['a', 2, []]), Uint8Array.of(0x93, 0xcd, 1)]) {
    expect(() => reader.read(wrong, 0)).toThrow()
  }
})

test('the send path runs', async () => {
  expect(await measureSendPath(400, 8, true)).toBeGreaterThan(0)
})
