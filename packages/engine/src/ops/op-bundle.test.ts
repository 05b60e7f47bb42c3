import { type QueueOp, VClock } from '@terrane/causality'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bundleOf, decodeBundle, encodeBundle, parcelsOf } from './op-bundle.js'

const bodies = fc.array(fc.uint8Array({ maxLength: 300 }))

test('a bundle gives back its ops, and says how much it holds', () => {
  fc.assert(
    fc.property(bodies, (ops) => {
      const value = encodeBundle(ops)
      expect(decodeBundle(value).map((each) => [...each])).toEqual(ops.map((each) => [...each]))
      expect(bundleOf(value)).toEqual({ ops: ops.length, bytes: ops.reduce((sum, { length }) => sum + length, 0) })
    }),
  )
})

test('a bundle that is cut short, or goes on, is refused', () => {
  const value = encodeBundle([new Uint8Array(3), new Uint8Array(200)])
  for (let length = 0; length < value.length; length++) expect(() => decodeBundle(value.subarray(0, length))).toThrow()
  expect(() => decodeBundle(new Uint8Array([...value, 0]))).toThrow('nothing follows')
})

test('parcels keep every bundle in order, and take none beyond their measure', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 })), fc.integer({ min: 1, max: 20 }), (sizes, opsEach) => {
      const bundles = sizes.map((size, place) => bundle(place + 1, size))
      const parcels = parcelsOf(bundles, opsEach)
      expect(parcels.flat()).toEqual(bundles)
      for (const [place, parcel] of parcels.entries()) {
        const ops = parcel.map(({ value }) => bundleOf(value).ops)
        const sum = ops.reduce((a, b) => a + b, 0)
        expect(sum - (ops.at(-1) ?? 0)).toBeLessThan(opsEach)
        if (place < parcels.length - 1) expect(sum).toBeGreaterThanOrEqual(opsEach)
      }
    }),
  )
})

function bundle(number: number, ops: number): QueueOp<Uint8Array> {
  const value = encodeBundle(Array.from({ length: ops }, () => new Uint8Array(1)))
  return { sender: 1, destination: 2, number, clock: VClock.zero, after: VClock.zero, passes: [], size: 1, value }
}
