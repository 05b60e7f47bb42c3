import { decodeJobResult, decodeTimeline, encodeJobResult, mergeResults } from '@terrane/combat'
import { describe, expect, test } from 'vitest'
import { profile, shippedGameData } from '../test-data/shipped.js'
import { Computation } from './compute.js'
import { parseSentinelConfig, variantCount } from './sentinel-config.js'
import { changeOf, variantOf } from './variants.js'
import { decodeContext, encodeContext, hashOf, type WorkContext } from './work-context.js'

const DATA = shippedGameData()

const TOURNAMENT = {
  strategy: 'tournament',
  tournament: {
    phases: [{ iterations: 10, keep: 0.5 }],
    candidates: { neck: [{ item: 'kilnworn_torc' }], head: [{ item: 'kilnworn_hood' }, { item: 'kilntouched_hood' }] },
  },
}

function contextOf(sentinel: unknown): WorkContext {
  return { seed: 'job', simConfig: profile(), sentinelConfig: parseSentinelConfig(sentinel), gameData: 'x' }
}

describe('what is wrong is named by its field', () => {
  test.each([
    [{ iterations: -1 }, 'iterations: '],
    [{ iterations: 1.5 }, 'iterations: '],
    [{ iterations: Number.NaN }, 'iterations: '],
    [{ iterations: 1e12 }, 'iterations: '],
    [{ targetError: 0 }, 'targetError: '],
    [{ strategy: 'best' }, 'strategy: '],
    [{ access: 'everyone' }, 'access: '],
    [{ sead: 1 }, 'sead'],
    [null, 'the config: '],
    [{ strategy: 'tournament' }, 'tournament: a tournament needs'],
    [{ statWeights: {} }, 'statWeights: it is for the strategy "stat_weights"'],
    [{ strategy: 'stat_weights', statWeights: { stats: ['luck'] } }, 'statWeights.stats.0: '],
    [{ ...TOURNAMENT, tournament: { ...TOURNAMENT.tournament, candidates: {} } }, 'tournament.candidates: '],
    [{ ...TOURNAMENT, tournament: { ...TOURNAMENT.tournament, candidates: { tail: [{ item: 1 }] } } }, 'tail'],
    [
      {
        ...TOURNAMENT,
        tournament: {
          ...TOURNAMENT.tournament,
          candidates: Object.fromEntries(['head', 'neck', 'legs'].map((slot) => [slot, Array(20).fill({ item: 1 })])),
        },
      },
      'they make 9261 variants',
    ],
  ])('%j', (input, message) => {
    expect(() => parseSentinelConfig(input)).toThrow(
      expect.objectContaining({ code: 'bad_sentinel_config', message: expect.stringContaining(message) }),
    )
  })
})

test('stat weights: the configuration itself, then one variant richer in each stat', () => {
  const config = parseSentinelConfig({
    strategy: 'stat_weights',
    statWeights: { stats: ['crit', 'haste'], points: 100 },
  })
  const base = { ...profile(), stats: { haste: 5 } }
  expect(variantCount(config)).toBe(3)
  expect([0, 1, 2].map((number) => variantOf(config, base, number).stats)).toEqual([
    { haste: 5 },
    { haste: 5, crit: 100 },
    { haste: 105 },
  ])
})

test('a tournament: every way to wear the candidates, once', () => {
  const config = parseSentinelConfig(TOURNAMENT)
  expect(variantCount(config)).toBe(6)
  const worn = Array.from({ length: 6 }, (_, number) => {
    const { gear = [] } = variantOf(config, profile(), number)
    expect(new Set(gear.map(({ slot }) => slot)).size).toBe(gear.length)
    return ['head', 'neck'].map((slot) => gear.find((each) => each.slot === slot)?.item).join(' ')
  })
  expect(worn).toEqual([
    'kilnforged_hood kilnforged_torc',
    'kilnworn_hood kilnforged_torc',
    'kilntouched_hood kilnforged_torc',
    'kilnforged_hood kilnworn_torc',
    'kilnworn_hood kilnworn_torc',
    'kilntouched_hood kilnworn_torc',
  ])
  expect(changeOf(config, 5)).toEqual({
    kind: 'gear',
    gear: [
      { slot: 'head', item: 'kilntouched_hood' },
      { slot: 'neck', item: 'kilnworn_torc' },
    ],
  })
})

test('pieces of a job that two machines compute merge into the bytes of the whole', () => {
  const context = contextOf({})
  const [here, there] = [new Computation(context, DATA), new Computation(context, DATA)]
  const whole = here.run({ variant: 0, first: 0, count: 20 })
  const parts = [here.run({ variant: 0, first: 0, count: 7 }), there.run({ variant: 0, first: 7, count: 13 })]
  const [left, right] = parts.map(decodeJobResult)
  expect(encodeJobResult(mergeResults(right as never, left as never))).toEqual(whole)
  expect(decodeTimeline(there.timeline(0, 3))).toMatchObject({ iteration: 3, seed: 'job' })
})

test('variants are compared with each other under names of their own, and come back after others', () => {
  const computation = new Computation(contextOf(TOURNAMENT), DATA)
  const piece = { first: 0, count: 2 }
  const results = [0, 1, 2, 3, 4, 5].map((variant) => computation.run({ variant, ...piece }))
  expect(new Set(results.map((bytes) => decodeJobResult(bytes).fingerprint)).size).toBe(6)
  expect(computation.run({ variant: 0, ...piece })).toEqual(results[0])
})

test('a context is what its hash is of, or is refused', async () => {
  const text = encodeContext(contextOf({}))
  const hash = await hashOf(text)
  expect(await decodeContext(text, hash)).toEqual(contextOf({}))
  await expect(decodeContext(`${text} `, hash)).rejects.toMatchObject({ code: 'wrong_context' })
})
