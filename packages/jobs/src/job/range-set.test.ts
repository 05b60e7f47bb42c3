import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RangeSet } from './range-set.js'

const LIMIT = 40

const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(LIMIT - 1), fc.integer({ min: 1, max: 8 })), { maxLength: 60 })

test('is a set of whole numbers, whatever is added and removed', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const ranges = new RangeSet()
      const model = new Set<number>()
      for (const [isAdded, from, length] of list) {
        const units = Array.from({ length }, (_, i) => from + i)
        const isAllowed = units.every((unit) => model.has(unit) !== isAdded)
        const change = () => (isAdded ? ranges.add(from, from + length) : ranges.remove(from, from + length))
        if (!isAllowed) expect(change).toThrow(/in the set/)
        else {
          change()
          for (const unit of units) isAdded ? model.add(unit) : model.delete(unit)
        }
        const inside = [...ranges].flatMap((range) =>
          Array.from({ length: range.to - range.from }, (_, i) => range.from + i),
        )
        expect(inside).toEqual([...model].sort((a, b) => a - b))
        expect(ranges.size).toBe(model.size)
        for (const limit of [0, 13, LIMIT]) {
          expect(ranges.countBelow(limit)).toBe(inside.filter((unit) => unit < limit).length)
          const gap = ranges.firstGap(limit)
          const missing = Array.from({ length: limit }, (_, unit) => unit).filter((unit) => !model.has(unit))
          expect(gap?.from).toBe(missing[0])
          if (gap !== undefined) expect(missing.filter((unit) => unit < gap.to)).toHaveLength(gap.to - gap.from)
          const lengthAt = (from: number) => {
            let to = from
            while (to < limit && !model.has(to)) to++
            return to - from
          }
          for (const from of [0, 7, limit - 1, limit]) {
            const ahead = ranges.gapAt(from, limit)
            expect(ahead === undefined ? 0 : ahead.to - from).toBe(Math.max(0, lengthAt(from)))
          }
          const longest = ranges.longestGap(limit)
          const lengths = Array.from({ length: limit }, (_, from) => lengthAt(from))
          expect(longest === undefined ? 0 : longest.to - longest.from).toBe(Math.max(0, ...lengths))
          if (longest !== undefined) expect(lengthAt(longest.from)).toBe(longest.to - longest.from)
        }
      }
      const bounds = [...ranges].flatMap(({ from, to }) => [from, to])
      // Ranges that touch would be one.
      expect(new Set(bounds).size).toBe(bounds.length)
    }),
    { numRuns: 150 },
  )
})
