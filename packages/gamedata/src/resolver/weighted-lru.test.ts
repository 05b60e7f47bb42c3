import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WeightedLru } from './weighted-lru.js'

const WEIGHT_MAX = 20

test('keeps what was asked for last, within its weight', () => {
  const steps = fc.array(
    fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), weight: fc.option(fc.integer({ min: 0, max: 25 })) }),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(steps, (all) => {
      const lru = new WeightedLru<number>(WEIGHT_MAX)
      // The same, said plainly: the oldest first.
      let model: { key: string; weight: number }[] = []
      for (const { key, weight } of all) {
        const known = model.find((entry) => entry.key === key)
        model = model.filter((entry) => entry.key !== key)
        if (weight === null) {
          expect(lru.get(key)?.value).toBe(known?.weight)
          if (known !== undefined) model.push(known)
        } else {
          lru.set(key, weight, weight)
          if (weight <= WEIGHT_MAX) model.push({ key, weight })
          while (model.reduce((sum, entry) => sum + entry.weight, 0) > WEIGHT_MAX) model.shift()
        }
        expect(lru.size).toBe(model.length)
        expect(lru.weight).toBe(model.reduce((sum, entry) => sum + entry.weight, 0))
      }
    }),
  )
})
