import type { Row } from '@terrane/combat'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { breakCycles } from './break-cycles.js'

function effect(spellId: number, triggerSpellId: number, kind: Row<'spell_effects'>['kind'] = 'trigger') {
  const nothing = { position: 0, base: 0, coefficient: 0, weaponCoefficient: 0, variance: 0, powerType: 0 }
  return { ...nothing, affectMask: 0, target: 'self', maxTargets: 0, spellId, triggerSpellId, kind } as const
}
const shown = (effects: readonly Row<'spell_effects'>[]) =>
  effects.map(({ spellId, triggerSpellId }) => `${spellId}>${triggerSpellId}`)

test('of a circle the effect that closes it is left out', () => {
  expect(shown(breakCycles([effect(3, 1), effect(1, 2), effect(2, 3), effect(2, 9)]))).toEqual(['1>2', '2>3', '2>9'])
  expect(shown(breakCycles([effect(7, 7)]))).toEqual([])
  // Two ways to the same spell are no circle, and ticks take time.
  const harmless = [effect(1, 2), effect(1, 3), effect(2, 4), effect(3, 4), effect(4, 1, 'periodic_trigger')]
  expect(breakCycles(harmless)).toEqual(harmless)
})

test('whatever triggers whatever, no circle is left and nothing is left out without need', () => {
  const edges = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })), {
    maxLength: 20,
    selector: String,
  })
  fc.assert(
    fc.property(edges, (pairs) => {
      const all = pairs.map(([from, to]) => effect(from, to))
      const kept = breakCycles(all)
      expect(reaches(kept, (from, to) => from === to)).toBe(false)
      for (const left of all.filter((one) => !kept.includes(one))) {
        const { spellId, triggerSpellId } = left
        expect(reaches([...kept, left], (from, to) => from === spellId && to === triggerSpellId)).toBe(true)
        expect(
          triggerSpellId === spellId || reaches(kept, (from, to) => from === triggerSpellId && to === spellId),
        ).toBe(true)
      }
    }),
  )
})

/** Whether some spell sets off, by any number of others, one with which `isMeant`. */
function reaches(effects: readonly Row<'spell_effects'>[], isMeant: (from: number, to: number) => boolean): boolean {
  const spells = new Set(effects.flatMap(({ spellId, triggerSpellId }) => [spellId, triggerSpellId]))
  return [...spells].some((from) => {
    const found = new Set<number>()
    const queue = [from]
    for (const spell of queue) {
      for (const { spellId, triggerSpellId } of effects) {
        if (spellId !== spell || found.has(triggerSpellId)) continue
        found.add(triggerSpellId)
        queue.push(triggerSpellId)
      }
    }
    return [...found].some((to) => isMeant(from, to))
  })
}
