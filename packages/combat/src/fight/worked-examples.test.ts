import { describe, expect, test } from 'vitest'
import type { RotationAction } from '../config/config.js'
import { recordTimeline } from '../job/timeline.js'
import { MILLIONTHS } from '../plan/plan.js'
import { type TinySpell, tinyPlan } from '../test-data/tiny.js'
import { TRACE } from './trace.js'

/** [milliseconds, amount] of the entries of some kinds. Critical hits are told as what they would be without. */
function story(
  spells: Record<string, TinySpell>,
  actions: readonly RotationAction[],
  encounter: { seconds: number; enemies?: number },
  ...kinds: readonly number[]
): [timeMs: number, amount: number][] {
  const timeline = recordTimeline(tinyPlan(spells, actions, encounter), 'worked example', 0)
  let timeMs = 0
  return timeline.elapsedMs.flatMap((elapsedMs, i) => {
    timeMs += elapsedMs
    const kind = timeline.kind[i] as number
    const amount = timeline.amount[i] as number
    if (!kinds.includes(kind)) return []
    return [[timeMs, kind === TRACE.CRIT ? amount / 2 : amount] as [number, number]]
  })
}

const times = (entries: readonly [number, number][]) => entries.map(([timeMs]) => timeMs)
const { CAST, HIT, CRIT, TICK, AURA_LOST, POWER } = TRACE

/** Power is 100: a coefficient of 0.3 is 30. */
const DOT: TinySpell = {
  gcdMs: 1_000,
  durationMs: 10_000,
  tickMs: 3_000,
  effects: [{ kind: 'aura' }, { kind: 'periodic_damage', coefficient: 0.3 }],
}

describe('periodic effects', () => {
  test('the last tick is the share of a period that is left: 10 s hold three ticks of 3 s, and a third of one', () => {
    const ticks = story({ dot: DOT }, [{ cast: 'dot', if: 'time == 0' }], { seconds: 30 }, TICK)
    expect(ticks).toEqual([
      [3_000, 30],
      [6_000, 30],
      [9_000, 30],
      [10_000, 10],
    ])
  })

  test('one tick more at once, when the spell says so', () => {
    const spells = { dot: { ...DOT, tickOnApplication: true } }
    expect(times(story(spells, [{ cast: 'dot', if: 'time == 0' }], { seconds: 30 }, TICK))).toEqual([
      0, 3_000, 6_000, 9_000, 10_000,
    ])
  })

  test.each([
    ['pandemic', 8, 20_000, 'adds all of the 2 s that remain'],
    ['pandemic', 5, 18_000, 'adds 3 of the 5 s that remain: 30 % of 10'],
    ['reset', 8, 18_000, 'begins anew'],
    ['none', 8, 10_000, 'changes nothing'],
  ] as const)('refresh %s at %i s ends at %i ms: it %s', (refresh, second, endMs, _why) => {
    const actions = [{ cast: 'dot', if: `time == 0 || time == ${second}` }]
    expect(times(story({ dot: { ...DOT, refresh } }, actions, { seconds: 60 }, AURA_LOST))).toEqual([endMs])
  })

  test('refresh extend stops at the longest duration', () => {
    const spells = { dot: { ...DOT, refresh: 'extend', maxDurationMs: 14_000 } as const }
    // At 2 s 8 s remain: 10 + 8 is more than 14.
    const actions = [{ cast: 'dot', if: 'time == 0 || time == 2' }]
    expect(times(story(spells, actions, { seconds: 60 }, AURA_LOST))).toEqual([16_000])
  })

  test('ticks keep their beat through a refresh', () => {
    const spells = { dot: { ...DOT, refresh: 'pandemic' } as const }
    const actions = [{ cast: 'dot', if: 'time == 0 || time == 8' }]
    expect(times(story(spells, actions, { seconds: 60 }, TICK))).toEqual([
      3_000, 6_000, 9_000, 12_000, 15_000, 18_000, 20_000,
    ])
  })
})

describe('when casts are possible', () => {
  const bolt: TinySpell = { gcdMs: 1_000, effects: [{ kind: 'damage', base: 10, coefficient: 1 }] }

  test('two charges that come back after 4 s each: at once, after the global cooldown, then every 4 s', () => {
    const spells = { bolt: { ...bolt, chargeCategoryId: 1, maxCharges: 2, chargeRecoveryMs: 4_000 } }
    expect(times(story(spells, [{ cast: 'bolt' }], { seconds: 17 }, CAST))).toEqual([
      0, 1_000, 4_000, 8_000, 12_000, 16_000,
    ])
  })

  test('a category keeps other spells waiting, too', () => {
    const shared = { ...bolt, categoryId: 7, categoryCooldownMs: 5_000 }
    const casts = story(
      { a: { ...shared, cooldownMs: 20_000 }, b: shared },
      [{ cast: 'a' }, { cast: 'b' }],
      { seconds: 21 },
      CAST,
    )
    expect(times(casts)).toEqual([0, 5_000, 10_000, 15_000, 20_000])
  })

  test('100 power, 10 a second, 40 a cast: 100 → 60, 70 → 30, 40 → 0, then every 4 s, to the millisecond', () => {
    const spells = { bolt: { ...bolt, cost: 40 } }
    const after = story(spells, [{ cast: 'bolt' }], { seconds: 11 }, POWER)
    expect(after.map(([timeMs, amount]) => [timeMs, amount / MILLIONTHS])).toEqual([
      [0, 60],
      [1_000, 30],
      [2_000, 0],
      [6_000, 0],
      [10_000, 0],
    ])
  })

  test('only below 25 % health: after three quarters of the fight', () => {
    const spells = { bolt: { ...bolt, targetHealthBelow: 25 } }
    // At 75 s it is exactly 25 %; the player looks again a quarter of a second later.
    expect(times(story(spells, [{ cast: 'bolt' }], { seconds: 100 }, CAST))[0]).toBe(75_250)
  })

  test('a cast of 2 s hits at its end, a missile of 0.5 s later, and the next begins meanwhile', () => {
    const spells = { bolt: { ...bolt, castMs: 2_000, travelMs: 500 } }
    expect(story(spells, [{ cast: 'bolt' }], { seconds: 5 }, HIT, CRIT)).toEqual([
      [2_500, 110],
      [4_500, 110],
    ])
  })

  test('a channel of 3 s hits every second, and keeps its caster busy', () => {
    const spells = { bolt: { ...bolt, channelMs: 3_000, tickMs: 1_000 } }
    expect(times(story(spells, [{ cast: 'bolt' }], { seconds: 6.5 }, HIT, CRIT))).toEqual(
      [1, 2, 3, 4, 5, 6].map((s) => s * 1_000),
    )
  })
})

describe('damage', () => {
  test('is (base + coefficient × power) × auras: (10 + 1 × 100) × 1.5², with two stacks of 0.5 counted as 1 + 2 × 0.5', () => {
    const spells: Record<string, TinySpell> = {
      boon: {
        maxStacks: 2,
        durationMs: 60_000,
        cooldownMs: 1_000,
        gcdMs: 1_000,
        effects: [
          { kind: 'aura', target: 'self' },
          { kind: 'mod_damage', base: 0.5 },
        ],
      },
      bolt: { gcdMs: 1_000, effects: [{ kind: 'damage', base: 10, coefficient: 1 }] },
    }
    const actions = [{ cast: 'boon', if: 'time == 1 || time == 3' }, { cast: 'bolt' }]
    expect(story(spells, actions, { seconds: 5 }, HIT, CRIT)).toEqual([
      [0, 110],
      [2_000, 165],
      [4_000, 220],
    ])
  })

  test('reaches as many enemies as the effect allows', () => {
    const spells: Record<string, TinySpell> = {
      wave: { gcdMs: 1_000, effects: [{ kind: 'damage', base: 7, target: 'all', maxTargets: 2 }] },
    }
    expect(story(spells, [{ cast: 'wave' }], { seconds: 1, enemies: 3 }, HIT, CRIT)).toEqual([
      [0, 7],
      [0, 7],
    ])
  })

  test('an aura that is used up makes the next cast instant and free, once', () => {
    const spells: Record<string, TinySpell> = {
      gift: {
        durationMs: 9_000,
        consumedBy: 1,
        effects: [
          { kind: 'aura', target: 'self' },
          { kind: 'mod_cast_time', base: -1 },
          { kind: 'mod_cost', base: -1 },
        ],
      },
      bolt: { familyMask: 1, gcdMs: 1_000, castMs: 3_000, cost: 20, effects: [{ kind: 'damage', base: 5 }] },
    }
    const actions = [{ cast: 'gift', if: 'time == 0 && !buff.gift.up && previous.bolt == 0' }, { cast: 'bolt' }]
    expect(times(story(spells, actions, { seconds: 5 }, HIT, CRIT))).toEqual([0, 4_000])
  })

  test('a proc with chance 1 follows every hit, and sets off nothing itself', () => {
    const spells: Record<string, TinySpell> = {
      bolt: { gcdMs: 1_000, effects: [{ kind: 'damage', base: 5 }] },
      echo: { effects: [{ kind: 'damage', base: 3 }] },
      rule: { passive: true, procFlags: 1, procChance: 1, effects: [{ kind: 'proc_trigger', triggerSpellId: 2 }] },
    }
    expect(story(spells, [{ cast: 'bolt' }], { seconds: 2 }, HIT, CRIT).map(([, amount]) => amount)).toEqual([
      5, 3, 5, 3,
    ])
  })

  test('with an internal cooldown of 2.5 s it follows every third', () => {
    const spells: Record<string, TinySpell> = {
      bolt: { gcdMs: 1_000, effects: [{ kind: 'damage', base: 5 }] },
      echo: { effects: [{ kind: 'damage', base: 3 }] },
      rule: {
        passive: true,
        procFlags: 1,
        procChance: 1,
        procIcdMs: 2_500,
        effects: [{ kind: 'proc_trigger', triggerSpellId: 2 }],
      },
    }
    const echoes = story(spells, [{ cast: 'bolt' }], { seconds: 7 }, HIT, CRIT).filter(([, amount]) => amount === 3)
    expect(times(echoes)).toEqual([0, 3_000, 6_000])
  })
})
