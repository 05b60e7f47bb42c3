import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Timeline } from '../generated/terrane/combat/v1/timeline_pb.js'
import { recordTimeline } from '../job/timeline.js'
import { MILLIONTHS } from '../plan/plan.js'
import { SHIPPED, SPECS, shippedPlan } from '../test-data/shipped.js'
import { TRACE } from './trace.js'

interface Entry {
  readonly timeMs: number
  readonly kind: number
  readonly token: string
  readonly target: number
  readonly amount: number
}

function entriesOf(timeline: Timeline): Entry[] {
  let timeMs = 0
  return timeline.elapsedMs.map((elapsedMs, i) => {
    timeMs += elapsedMs
    const kind = timeline.kind[i] as number
    const names = kind === TRACE.POWER ? timeline.powers : timeline.spells
    return {
      timeMs,
      kind,
      token: names[timeline.subject[i] as number]?.token ?? '',
      target: timeline.target[i] as number,
      amount: timeline.amount[i] as number,
    }
  })
}

const SPELLS = new Map([...SHIPPED.spells.values()].map((spell) => [spell.token, spell]))
const POWERS = new Map([...SHIPPED.powerTypes.values()].map((power) => [power.token, power]))

/** Whatever the fight, its story keeps these rules. They are told again here, from the tables. */
describe.each(SPECS)('every fight of a %s', (spec) => {
  const stories = fc.record({ seed: fc.string({ minLength: 1 }), enemies: fc.integer({ min: 1, max: 5 }) })
  const holds = (check: (entries: Entry[], timeline: Timeline, enemies: number) => void) =>
    fc.assert(
      fc.property(stories, ({ seed, enemies }) => {
        const timeline = recordTimeline(shippedPlan(spec, 120, enemies), seed, 7)
        check(entriesOf(timeline), timeline, enemies)
      }),
      { numRuns: 15 },
    )

  test('has no power below nothing or above its maximum', () => {
    holds((entries) => {
      const powers = entries.filter(({ kind }) => kind === TRACE.POWER)
      expect(powers.length).toBeGreaterThan(0)
      for (const { token, amount } of powers) {
        expect(amount).toBeGreaterThanOrEqual(0)
        expect(amount).toBeLessThanOrEqual((POWERS.get(token)?.max ?? Number.NaN) * MILLIONTHS)
      }
    })
  })

  test('has no cast while the player is busy', () => {
    holds((entries) => {
      let freeMs = 0
      for (const { timeMs, kind, amount } of entries) {
        if (kind !== TRACE.CAST) continue
        expect(timeMs).toBeGreaterThanOrEqual(freeMs)
        freeMs = timeMs + amount
      }
      expect(freeMs).toBeGreaterThan(0)
    })
  })

  test('has no cast of a spell on cooldown, and none too early for its target', () => {
    holds((entries, { durationMs }) => {
      const last = new Map<string, number>()
      for (const { timeMs, kind, token } of entries) {
        const row = SPELLS.get(token)
        if (kind !== TRACE.CAST || row === undefined) continue
        const before = last.get(token)
        // Hasted cooldowns and those that effects shorten have tests of their own.
        const isPlain = !row.cooldownHasted && row.chargeCategoryId === 0
        if (before !== undefined && isPlain) expect(timeMs - before).toBeGreaterThanOrEqual(row.cooldownMs)
        last.set(token, timeMs)
        if (row.targetHealthBelow > 0) {
          expect(100 * (1 - timeMs / durationMs)).toBeLessThan(row.targetHealthBelow)
        }
      }
    })
  })

  test('keeps auras within their stacks, gained before they are refreshed or lost', () => {
    holds((entries, _, enemies) => {
      const up = new Set<string>()
      for (const { kind, token, target, amount } of entries) {
        const holder = `${token}/${target}`
        if (kind === TRACE.AURA_GAINED) {
          expect(up.has(holder)).toBe(false)
          up.add(holder)
        } else if (kind === TRACE.AURA_REFRESHED) {
          expect(up.has(holder)).toBe(true)
          expect(amount).toBeGreaterThanOrEqual(1)
          expect(amount).toBeLessThanOrEqual(SPELLS.get(token)?.maxStacks ?? 0)
        } else if (kind === TRACE.AURA_LOST) expect(up.delete(holder)).toBe(true)
        expect(target).toBeLessThanOrEqual(enemies)
      }
    })
  })

  test('is over in time, and its damage is that of its hits', () => {
    holds((entries, { durationMs, damage }) => {
      const harm = entries.filter(({ kind }) => kind >= TRACE.HIT && kind <= TRACE.TICK_CRIT)
      expect(BigInt(harm.reduce((sum, { amount }) => sum + amount, 0))).toBe(damage)
      for (const { timeMs } of entries) expect(timeMs).toBeLessThan(durationMs)
    })
  })
})
