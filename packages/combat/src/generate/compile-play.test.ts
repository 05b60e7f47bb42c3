import { TerraneError } from '@terrane/core'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { RotationAction } from '../config/config.js'
import { fight } from '../fight/fight.js'
import { FightState } from '../fight/state.js'
import { CombatRunner } from '../job/run.js'
import type { CombatPlan } from '../plan/plan.js'
import { encodeJobResult } from '../results/codec.js'
import { SPECS, shippedPlan } from '../test-data/shipped.js'
import { type TinySpell, tinyPlan } from '../test-data/tiny.js'
import { compilePlay } from './compile-play.js'

/** All that fights leave behind. */
function figuresOf({ damage, events, waits, tally }: FightState) {
  const columns = Object.entries(tally).map(([name, column]) => [name, [...(column as Float64Array)]])
  return { damage, events, waits, ...Object.fromEntries(columns) }
}

function expectSame(plan: CombatPlan, seed: string, fights: number): void {
  const [told, generated] = [new FightState(plan), new FightState(plan)]
  const play = compilePlay(generated)
  expect(play).toBeDefined()
  for (let iteration = 0; iteration < fights; iteration++) {
    const refusal = refusalOf(() => fight(told, seed, iteration))
    expect(refusalOf(() => fight(generated, seed, iteration, play))).toEqual(refusal)
    // Some data makes fights without an end, which are refused.
    if (refusal !== undefined) return
    expect(figuresOf(generated)).toEqual(figuresOf(told))
  }
}

function refusalOf(run: () => void): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof TerraneError) return { code: error.code, message: error.message }
    throw error
  }
}

const TOKENS = ['ash', 'bolt', 'curse', 'dart'] as const
const token = fc.constantFrom(...TOKENS)
const ms = (...choices: number[]) => fc.constantFrom(...choices)
const optional = <T>(value: fc.Arbitrary<T>, none: T) => fc.oneof({ weight: 2, arbitrary: fc.constant(none) }, value)

const amount = { coefficient: fc.double({ min: 0, max: 2, noNaN: true }), base: fc.integer({ min: 0, max: 40 }) }
const reach = { target: fc.constantFrom('target', 'self', 'all'), maxTargets: fc.integer({ min: 0, max: 3 }) } as const
const share = fc.double({ min: -0.6, max: 0.6, noNaN: true })
const masks = { affectMask: fc.integer({ min: 0, max: 3 }) }

const effect = fc.oneof(
  fc.record({ kind: fc.constant('damage'), ...amount, ...reach, variance: fc.constantFrom(0, 0.1, 0.3) }),
  fc.record({ kind: fc.constantFrom('aura'), target: fc.constantFrom('target', 'self', 'all') }),
  fc.record({ kind: fc.constantFrom('energize', 'periodic_energize'), powerType: fc.constant(1), base: fc.nat(30) }),
  fc.record({ kind: fc.constantFrom('periodic_damage'), ...amount }),
  fc.record({
    kind: fc.constant('cooldown'),
    triggerSpellId: fc.integer({ min: 1, max: 4 }),
    base: fc.constantFrom(-1, 900),
  }),
  fc.record({ kind: fc.constant('remove_aura'), triggerSpellId: fc.integer({ min: 1, max: 4 }) }),
  // Only to a later spell, so that there is an end to it.
  fc.record({ kind: fc.constantFrom('trigger', 'proc_trigger', 'periodic_trigger'), triggerSpellId: fc.constant(4) }),
  fc.record({
    kind: fc.constantFrom(
      ...(['mod_haste', 'mod_crit', 'mod_power', 'mod_damage', 'mod_damage_taken', 'mod_spell_crit'] as const),
      ...(['mod_cost', 'mod_cast_time'] as const),
    ),
    base: share,
    ...masks,
  }),
) as fc.Arbitrary<TinySpell['effects'][number]>

const spell = fc.record({
  gcdMs: ms(0, 1_000, 1_500),
  gcdHasted: fc.boolean(),
  castMs: optional(ms(700, 2_000), 0),
  channelMs: optional(ms(1_500, 3_000), 0),
  travelMs: optional(ms(300, 5_000), 0),
  cooldownMs: optional(ms(3_000, 11_000), 0),
  cooldownHasted: fc.boolean(),
  durationMs: optional(ms(4_000, 9_000), 0),
  maxDurationMs: ms(0, 12_000),
  maxStacks: fc.integer({ min: 1, max: 4 }),
  refresh: fc.constantFrom('none', 'reset', 'pandemic', 'extend'),
  tickMs: ms(500, 1_700),
  ticksHasted: fc.boolean(),
  tickOnApplication: fc.boolean(),
  ticksMayCrit: fc.boolean(),
  targetHealthBelow: optional(ms(35, 80), 0),
  familyMask: fc.integer({ min: 0, max: 3 }),
  consumedBy: fc.integer({ min: 0, max: 3 }),
  procFlags: fc.integer({ min: 0, max: 31 }),
  procChance: fc.double({ min: 0, max: 1, noNaN: true }),
  procRppm: optional(fc.integer({ min: 1, max: 20 }), 0),
  procIcdMs: optional(ms(2_000), 0),
  cost: optional(fc.integer({ min: 1, max: 60 }), 0),
  effects: fc.array(effect, { minLength: 1, maxLength: 4 }),
}) as fc.Arbitrary<TinySpell>

const value = fc.oneof(
  fc.constantFrom('time', 'time_left', 'gcd', 'haste', 'health', 'power.zeal', 'power.zeal.deficit'),
  fc.tuple(token, fc.constantFrom('ready', 'remains', 'charges')).map(([name, field]) => `cooldown.${name}.${field}`),
  fc.tuple(fc.constantFrom('previous', 'cast_time'), token).map(([group, name]) => `${group}.${name}`),
  fc.constantFrom('0', '1', '2.5', '40'),
)
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    value,
    fc
      .tuple(
        tie('condition'),
        fc.constantFrom('&&', '||', '<', '<=', '>', '>=', '==', '!=', '+', '-', '*', '/'),
        tie('condition'),
      )
      .map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
    fc.tuple(fc.constantFrom('!', '-'), tie('condition')).map(([operator, inner]) => `${operator}(${inner})`),
  ),
}))

const rotation = fc.array(
  fc
    .record({ cast: token, if: fc.option(condition, { nil: undefined }) })
    .map(
      ({ cast, if: when }): RotationAction => (when === undefined ? { cast } : { cast, if: when }) as RotationAction,
    ),
  { minLength: 1, maxLength: 6 },
)

/** Undefined for what the compiler refuses, such as a cast of something that is not castable. */
function planOf(spells: TinySpell[], actions: readonly RotationAction[], enemies: number): CombatPlan | undefined {
  const named = Object.fromEntries(TOKENS.map((name, i) => [name, spells[i] as TinySpell]))
  try {
    return tinyPlan(named, actions, { seconds: 40, enemies })
  } catch {
    return undefined
  }
}

describe('generated code fights as the rules tell', () => {
  test.each(SPECS)('for a %s, against any number of enemies', (spec) => {
    const fights = fc.record({
      seed: fc.string(),
      seconds: fc.integer({ min: 20, max: 90 }),
      enemies: fc.integer({ min: 1, max: 6 }),
    })
    fc.assert(
      fc.property(fights, ({ seed, seconds, enemies }) => expectSame(shippedPlan(spec, seconds, enemies), seed, 3)),
      { numRuns: 12 },
    )
  })

  test('whatever the spells and the rotation', () => {
    let compiled = 0
    fc.assert(
      fc.property(
        fc.array(spell, { minLength: 4, maxLength: 4 }),
        rotation,
        fc.integer({ min: 1, max: 3 }),
        fc.string(),
        (spells, actions, enemies, seed) => {
          const plan = planOf(spells, actions, enemies)
          if (plan === undefined) return
          compiled++
          expectSame(plan, seed, 2)
        },
      ),
      // The seed of a failure is enough: making it smaller takes minutes.
      { numRuns: 200, endOnFailure: true },
    )
    expect(compiled).toBeGreaterThan(100)
  })
})

describe('where code may not be generated', () => {
  afterEach(() => vi.unstubAllGlobals())

  test('the rules themselves fight, to the same bytes', () => {
    const plan = shippedPlan('galeblade', 60)
    const request = { seed: 'policy', first: 0, count: 5 }
    const generated = encodeJobResult(new CombatRunner(plan).run(request))
    const refuse = vi.fn(function refuse() {
      throw new EvalError("call to Function() blocked by the page's content security policy")
    })
    vi.stubGlobal('Function', refuse)
    const told = encodeJobResult(new CombatRunner(plan).run(request))
    expect(refuse).toHaveBeenCalled()
    expect(told).toEqual(generated)
  })
})
