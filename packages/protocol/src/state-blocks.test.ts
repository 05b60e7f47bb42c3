import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  BlockEncoder,
  CELL_HALF,
  cellId,
  decodeBlocks,
  ENTRY_CHANGED,
  ENTRY_FULL,
  ENTRY_GONE,
  encodeMark,
  FORM_DELTA,
  popCount,
  type StateBlock,
  type StateEntry,
  type WireType,
} from './state-blocks.js'

const BARE = ['integer', 'real', 'double', 'text', 'boolean', 'json', 'date'] as const

/** One kind with every type, one with every type that may be null, one of the most columns there may be. */
const TYPES: readonly (readonly WireType[])[] = [
  BARE,
  BARE.map((type): WireType => `${type}?`),
  Array.from({ length: 31 }, (_, i): WireType => (i % 2 === 0 ? 'integer' : 'text?')),
]

const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const double = fc.double({ noNaN: true })
const VALUES = {
  // The bound of a zigzag number that is still exact.
  integer: fc.oneof(fc.integer(), fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER })),
  real: fc.float({ noNaN: true }),
  double,
  text,
  boolean: fc.boolean(),
  json: fc
    .jsonValue({ maxDepth: 2 })
    .map((each) => JSON.parse(JSON.stringify(each)) as unknown)
    .filter((each) => !JSON.stringify(each).includes('__proto__')),
  date: fc.date({ noInvalidDate: true }),
}

function valueFor(type: WireType): fc.Arbitrary<unknown> {
  return type.endsWith('?')
    ? fc.option(VALUES[type.slice(0, -1) as keyof typeof VALUES] as fc.Arbitrary<unknown>, { nil: null })
    : VALUES[type as keyof typeof VALUES]
}

const entry: fc.Arbitrary<StateEntry> = fc
  .record({ id: fc.nat(), kind: fc.nat({ max: 2 }), op: fc.constantFrom(ENTRY_CHANGED, ENTRY_FULL, ENTRY_GONE) })
  .chain(({ id, kind, op }): fc.Arbitrary<StateEntry> => {
    const types = TYPES[kind] as readonly WireType[]
    const whole = 2 ** types.length - 1
    const masks =
      op === ENTRY_GONE ? fc.constant(0) : op === ENTRY_FULL ? fc.constant(whole) : fc.integer({ min: 1, max: whole })
    return masks.chain((mask) =>
      fc
        .tuple(...types.filter((_, i) => Math.floor(mask / 2 ** i) % 2 === 1).map(valueFor))
        .map((values) => ({ id, kind, op, mask, values })),
    )
  })

const axis = fc.integer({ min: -CELL_HALF, max: CELL_HALF - 1 })
const block: fc.Arbitrary<StateBlock> = fc.record({
  cell: fc.tuple(axis, axis).map(([column, row]) => cellId(column, row)),
  form: fc.nat({ max: 2 }),
  version: fc.integer({ min: 1_000_000, max: 2 ** 40 }),
  previous: fc.nat({ max: 1_000_000 }),
  entries: fc.array(entry, { maxLength: 10 }),
})

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

describe('state blocks', () => {
  const encoder = new BlockEncoder(TYPES)
  const encode = (each: StateBlock): Uint8Array =>
    encoder.encode(each.cell, each.form, each.version, each.previous, each.entries)

  test('payloads of any number of blocks decode to what was encoded', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 4 }), (blocks) => {
        const payload = concat(blocks.flatMap((each) => [encodeMark(each.version), encode(each)]))
        expect(decodeBlocks(payload, TYPES)).toEqual(blocks)
      }),
      { numRuns: 300 },
    )
  })

  test('one mark serves all blocks behind it', () => {
    const [a, b] = [1, 2].map((id): StateBlock => {
      const entries = [{ id, kind: 0, op: ENTRY_GONE, mask: 0, values: [] }]
      return { cell: cellId(id, -id), form: FORM_DELTA, version: 9, previous: 8, entries }
    }) as [StateBlock, StateBlock]
    expect(decodeBlocks(concat([encodeMark(9), encode(a), encode(b)]), TYPES)).toEqual([a, b])
  })

  test('are refused without a mark, with an unknown kind or column, and when they end early', () => {
    const entries = [{ id: 1, kind: 0, op: ENTRY_CHANGED, mask: 1, values: [7] }]
    const whole = encode({ cell: 1, form: FORM_DELTA, version: 9, previous: 8, entries })
    expect(() => decodeBlocks(whole, TYPES)).toThrow(TypeError)
    expect(() => decodeBlocks(concat([encodeMark(9), whole]), [])).toThrow(TypeError)
    expect(() => decodeBlocks(concat([encodeMark(9), whole.subarray(0, -1)]), TYPES)).toThrow(TypeError)
  })

  test('any bytes decode or throw TypeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (bytes) => {
        try {
          decodeBlocks(concat([encodeMark(5), bytes]), TYPES)
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('popCount counts bits of 31-bit masks', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 - 1 }), (mask) => {
        expect(popCount(mask)).toBe(mask.toString(2).replaceAll('0', '').length)
      }),
    )
  })
})
