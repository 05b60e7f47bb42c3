import { type JobResult, momentsOf, type Timeline } from '@terrane/combat/results'
import { expect, test } from 'vitest'
import { parseCandidates } from './presets.js'
import { distributionOf, rankingOf, storyOf, weightsOf } from './views.js'

/** Fights of 1 s that did so much damage each, which is below what buckets round. */
function result(...damages: number[]): JobResult {
  const sum = damages.reduce((total, damage) => total + damage, 0)
  return {
    $typeName: 'terrane.combat.v1.JobResult',
    fingerprint: 'f',
    seed: 's',
    spec: 'spec',
    durationMs: 1_000,
    enemies: 1,
    ranges: [{ $typeName: 'terrane.combat.v1.IterationRange', first: 0, count: damages.length }],
    damageSum: BigInt(sum),
    damageSquaresHigh: 0n,
    damageSquaresLow: BigInt(damages.reduce((total, damage) => total + damage * damage, 0)),
    damageMin: BigInt(Math.min(...damages)),
    damageMax: BigInt(Math.max(...damages)),
    events: 0n,
    histogram: [...new Set(damages)]
      .sort((left, right) => left - right)
      .map((index) => ({
        $typeName: 'terrane.combat.v1.Bucket',
        index,
        count: BigInt(damages.filter((damage) => damage === index).length),
        iteration: 0,
      })),
    spells: [],
    auras: [],
    powers: [],
  }
}

test('every fight is in one bar of the distribution, the least and the most at its ends', () => {
  const bars = distributionOf(result(100, 100, 150, 300), 4)
  expect(bars.map(({ count }) => count)).toEqual([2, 1, 0, 1])
  expect([bars[0]?.from, bars.at(-1)?.to]).toEqual([100, 300])
  expect(distributionOf(result(100, 100), 4).reduce((sum, { count }) => sum + count, 0)).toBe(2)
})

test('who was taken further ranks before who went out early with a better mean', () => {
  const ranking = rankingOf(
    new Map([
      [0, result(100, 102, 100, 102)],
      [1, result(110, 112, 110, 112)],
      [2, result(500, 501)],
    ]),
  )
  expect(ranking.map(({ variant }) => variant)).toEqual([1, 0, 2])
  expect(ranking.map(({ isTied }) => isTied)).toEqual([true, false, true])
  expect(ranking[1]?.ofBest).toBeCloseTo(101 / 111)
})

test('a stat is worth what its points add; its interval has the errors of both', () => {
  const base = result(100, 102, 100, 102)
  const [best, other] = weightsOf(
    new Map([
      [0, base],
      [1, result(105, 107, 105, 107)],
      [2, result(151, 151)],
    ]),
    10,
  )
  expect([best?.variant, best?.perPoint, other?.perPoint]).toEqual([2, 5, 0.5])
  const { count, sum, squares } = momentsOf(base)
  const error = Math.sqrt((Number(squares) - Number(sum) ** 2 / count) / (count - 1) / count)
  expect(best?.halfWidth).toBeCloseTo((1.96 * error) / 10, 3)
})

test('a story has casts by spell and damage by the second', () => {
  const spell = (id: number, token: string) => ({ $typeName: 'terrane.combat.v1.NamedId', id, token }) as const
  const timeline: Timeline = {
    $typeName: 'terrane.combat.v1.Timeline',
    fingerprint: 'f',
    seed: 's',
    iteration: 0,
    durationMs: 3_000,
    damage: 60n,
    spells: [spell(1, 'lance'), spell(2, 'brand')],
    powers: [],
    elapsedMs: [0, 500, 700, 0, 1_800],
    kind: [1, 2, 1, 4, 3],
    subject: [1, 1, 0, 1, 0],
    target: [0, 1, 0, 1, 1],
    amount: [1_500, 10, 1_500, 20, 30],
    isCut: false,
  }
  expect(storyOf(timeline)).toEqual({
    durationMs: 3_000,
    lanes: [
      { token: 'brand', castsMs: [0] },
      { token: 'lance', castsMs: [1_200] },
    ],
    damage: [10, 20, 30],
  })
})

test('candidates are read by line; a line that is none is named', () => {
  expect(parseCandidates('head: hood, 12\n\nneck: torc')).toEqual({
    head: [{ item: 'hood' }, { item: 12 }],
    neck: [{ item: 'torc' }],
  })
  expect(() => parseCandidates('head hood')).toThrow('“head hood”')
})
