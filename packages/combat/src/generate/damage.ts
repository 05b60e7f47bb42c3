import { CRITICAL_FACTOR } from '../fight/damage.js'
import { between, literal, type Program } from './program.js'

/** The rules of `fight/damage.ts`. Declares `factor` and `chance`: what the player's side makes of the spell now. */
export function weigh(p: Program, spell: number): string {
  const { damage, crit } = p.plan.modifiers
  const { damageFactor, critChance } = p.plan.spells
  const factors = between(damage.start[spell] as number, damage.start[spell + 1] as number).map((i) => {
    const stacks = `stacks[${damage.aura[i]}]`
    return `if (${stacks} > 0) factor *= 1 + ${stacks} * ${literal(damage.value[i] as number)}`
  })
  const chances = between(crit.start[spell] as number, crit.start[spell + 1] as number).map(
    (i) => `chance += stacks[${crit.aura[i]}] * ${literal(crit.value[i] as number)}`,
  )
  return `
    let factor = ${literal(damageFactor[spell] as number)}
    ${factors.join('\n')}
    let chance = ${literal(critChance[spell] as number)}
    ${chances.join('\n')}`
}

/** Declares `isCrit` for a direct hit, weighed by `factor` and `chance`, of the enemy `hit` (an expression). */
export function strike(p: Program, spell: number, effect: number, hit: string): string {
  return `
    ${roll(p, spell, effect, hit)}
    const isCrit = (random() >>> 0) * PER_WORD < chance
    const amount = Math.round(isCrit ? raw * ${CRITICAL_FACTOR} : raw)
    hits[${spell}]++
    if (isCrit) crits[${spell}]++
    ${count(spell)}`
}

/** Of an aura's tick, or the share of one that `elapsedMs` of `periodMs` makes. */
export function tickDamage(p: Program, spell: number, effect: number, hit: string, mayCrit: boolean): string {
  return `{
    ${weigh(p, spell)}
    ${roll(p, spell, effect, hit)}
    if (elapsedMs !== periodMs) raw = (raw * elapsedMs) / periodMs
    ${
      mayCrit
        ? `const isCrit = (random() >>> 0) * PER_WORD < chance
           const amount = Math.round(isCrit ? raw * ${CRITICAL_FACTOR} : raw)
           if (isCrit) tickCrits[${spell}]++`
        : 'const amount = Math.round(raw)'
    }
    ticks[${spell}]++
    ${count(spell)}
  }`
}

function roll(p: Program, spell: number, effect: number, hit: string): string {
  const { base, coefficient, variance } = p.plan.effects
  const { start, aura, value } = p.plan.modifiers.damageTaken
  const taken = between(start[spell] as number, start[spell + 1] as number).map((i) => {
    const stacks = `stacks[${p.plan.enemies === 1 ? aura[i] : `${aura[i]} + ${hit}`}]`
    return `if (${stacks} > 0) raw *= 1 + ${stacks} * ${literal(value[i] as number)}`
  })
  const spread = variance[effect] as number
  const scaled = coefficient[effect] as number
  const amount = literal(base[effect] as number)
  return `
    let raw = ${scaled === 0 ? amount : `(${amount} + ${literal(scaled)} * real[POWER])`} * factor
    ${taken.join('\n')}
    ${spread === 0 ? '' : `raw *= 1 + ${literal(spread)} * (2 * (random() >>> 0) * PER_WORD - 1)`}`
}

function count(spell: number): string {
  return `
    real[DAMAGE] += amount
    damage[${spell}] += amount
    if (amount > hitMax[${spell}]) hitMax[${spell}] = amount`
}
