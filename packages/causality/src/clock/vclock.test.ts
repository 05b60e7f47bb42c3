import { AssertionError, ByteWriter } from '@terrane/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VClock } from './vclock.js'

const ZONES = [0, 1, 2, 3, 200, 0xffff_ffff]
const zone = fc.constantFrom(...ZONES)
/** Small counts over few zones, so that clocks are often comparable. */
const clock = fc.uniqueArray(fc.tuple(zone, fc.nat(2)), { selector: ([id]) => id }).map((entries) => VClock.of(entries))
const bigClock = fc
  .uniqueArray(fc.tuple(fc.nat(0xffff_ffff), fc.maxSafeNat()), { selector: ([id]) => id, maxLength: 20 })
  .map((entries) => VClock.of(entries))
/** What a definition says of every zone. */
const forAll = (test: (id: number) => boolean) => ZONES.every(test)

function law(holds: (a: VClock, b: VClock, c: VClock) => boolean): void {
  fc.assert(fc.property(clock, clock, clock, holds), { numRuns: 1000 })
}

describe('order', () => {
  it('le is component-wise, reflexive and transitive', () => {
    law((a, b) => a.le(b) === forAll((id) => a.get(id) <= b.get(id)))
    law((a) => a.le(a))
    law((a, b, c) => !(a.le(b) && b.le(c)) || a.le(c))
  })

  it('lt is le with a difference, irreflexive and transitive', () => {
    law((a, b) => a.lt(b) === (a.le(b) && ZONES.some((id) => a.get(id) < b.get(id))))
    law((a) => !a.lt(a))
    law((a, b, c) => !(a.lt(b) && b.lt(c)) || a.lt(c))
  })

  it('concurrent means that neither is before the other, which is so of equal clocks too', () => {
    law((a, b) => a.concurrent(b) === (!a.lt(b) && !b.lt(a)))
    law((a) => a.concurrent(VClock.of(a)))
  })

  it('compare tells equal, before, after and concurrent apart', () => {
    law((a, b) => {
      const expected = a.lt(b) ? 'before' : b.lt(a) ? 'after' : a.equals(b) ? 'equal' : 'concurrent'
      return a.compare(b) === expected
    })
    law((a, b) => a.equals(b) === forAll((id) => a.get(id) === b.get(id)))
    expect(VClock.of([[1, 1]]).compare(VClock.of([[2, 1]]))).toBe('concurrent')
    expect(VClock.of([[1, 1]]).compare(VClock.of([[1, 1]]))).toBe('equal')
  })

  it('finds all four outcomes among the clocks that the laws are tried on', () => {
    const outcomes = new Set(fc.sample(fc.tuple(clock, clock), 1000).map(([a, b]) => a.compare(b)))
    expect([...outcomes].sort()).toEqual(['after', 'before', 'concurrent', 'equal'])
  })
})

describe('tick and merge', () => {
  it('zero is below everything', () => {
    law((a) => VClock.zero.le(a) && forAll((id) => VClock.zero.get(id) === 0))
  })

  it('tick counts one more event of one zone, and is after', () => {
    fc.assert(
      fc.property(clock, zone, (a, self) => {
        const ticked = a.tick(self)
        return a.lt(ticked) && forAll((id) => ticked.get(id) === a.get(id) + (id === self ? 1 : 0))
      }),
    )
  })

  it('merge is the least upper bound: commutative, associative, idempotent', () => {
    law((a, b) => forAll((id) => a.merge(b).get(id) === Math.max(a.get(id), b.get(id))))
    law((a, b) => a.le(a.merge(b)) && b.le(a.merge(b)))
    law((a, b, c) => !(a.le(c) && b.le(c)) || a.merge(b).le(c))
    law((a, b) => a.merge(b).equals(b.merge(a)))
    law((a, b, c) =>
      a
        .merge(b)
        .merge(c)
        .equals(a.merge(b.merge(c))),
    )
    law((a) => a.merge(a).equals(a))
  })

  it('changes no clock in place', () => {
    fc.assert(
      fc.property(clock, clock, zone, (a, b, self) => {
        const before = `${a} ${b}`
        a.merge(b)
        a.tick(self)
        a.with(self, 0)
        a.filter((id) => id === self)
        return `${a} ${b}` === before
      }),
    )
  })

  it('with and filter set and drop counts', () => {
    fc.assert(
      fc.property(clock, zone, fc.nat(3), (a, self, count) => {
        const changed = a.with(self, count)
        const without = changed.filter((id) => id !== self)
        return (
          forAll((id) => changed.get(id) === (id === self ? count : a.get(id))) &&
          without.equals(a.with(self, 0)) &&
          [...without].every(([id, each]) => id !== self && each > 0)
        )
      }),
    )
  })

  it('refuses counts that are not exact integers', () => {
    expect(() => VClock.of([[1, Number.MAX_SAFE_INTEGER]]).tick(1)).toThrow(AssertionError)
    expect(() => VClock.zero.with(1, 0.5)).toThrow(AssertionError)
    expect(() => VClock.zero.tick(-1)).toThrow(AssertionError)
    expect(() => VClock.of([[2 ** 32, 1]])).toThrow(AssertionError)
  })
})

describe('encoding', () => {
  it('round-trips', () => {
    fc.assert(fc.property(bigClock, (a) => VClock.decode(a.encode()).equals(a)))
    expect(VClock.zero.encode()).toEqual(Uint8Array.of(0))
    expect(VClock.of([[7, 300]]).encode()).toEqual(Uint8Array.of(1, 7, 0xab, 2))
  })

  it('is canonical: whatever is read is written as the very same bytes, the rest is malformed', () => {
    const refused = { count: 0 }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        let read: VClock
        try {
          read = VClock.decode(bytes)
        } catch (error) {
          expect(error).toMatchObject({ code: 'malformed_bytes' })
          refused.count++
          return
        }
        expect(read.encode()).toEqual(bytes)
      }),
      { numRuns: 5000, examples: [[Uint8Array.of(1, 0, 0)], [Uint8Array.of(2, 3, 4, 5, 6)]] },
    )
    expect(refused.count).toBeGreaterThan(0)
  })

  it('refuses every mutilation of a clock', () => {
    fc.assert(
      fc.property(bigClock, fc.nat(), (a, at) => {
        const bytes = a.encode()
        expect(() => VClock.decode(bytes.subarray(0, at % bytes.length))).toThrow('no valid encoding')
        expect(() => VClock.decode(Uint8Array.of(...bytes, 0))).toThrow('something follows')
      }),
    )
  })

  it.each([
    ['a longer form of a small number', [1, 0x80, 0, 0], 'longer than need be'],
    ['a count of 2^53', [1, 0, ...varint(2n ** 53n - 1n)], 'above 2^53-1'],
    ['a count of 2^64-1, which the format has room for', [1, 0, ...varint(2n ** 64n - 1n)], 'above 2^53-1'],
    ['a count of 2^70', [1, 0, ...varint(2n ** 70n)], 'more than 64 bits'],
    ['a zone of 2^32', [1, ...varint(2n ** 32n), 0], 'above 2^32-1'],
    ['more entries than bytes', [...varint(2n ** 40n), 0, 0], 'end within'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => VClock.decode(Uint8Array.from(bytes))).toThrow(message)
  })

  it('writes counts up to 2^53-1', () => {
    const most = VClock.of([[0xffff_ffff, Number.MAX_SAFE_INTEGER]])
    const writer = new ByteWriter()
    most.write(writer)
    expect(VClock.decode(writer.finish()).get(0xffff_ffff)).toBe(Number.MAX_SAFE_INTEGER)
  })
})

function varint(value: bigint): number[] {
  return value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)]
}
