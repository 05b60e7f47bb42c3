import type { Character } from '../character/character.js'
import { HASTE_HINT, runaway } from '../tables/check-values.js'
import type { GameData, SpellEffect } from '../tables/game-data.js'
import { bad } from '../tables/read-table.js'
import type { PlannedSpell } from './known-spells.js'

/** What is faster than this happens more than once in a millisecond, the least that a fight can tell apart. */
const INTERVAL_MS_MIN = 1

/**
 * Refuses characters for whom time would stand still or run away: haste that can fall to 0 or below, and ticks and swings
 * that can follow each other within one millisecond. What can be is reckoned with all auras up, with all their stacks.
 * Throws `runaway_game_data`, naming the row; `bad_game_data` when there is
 * nothing to reckon with.
 */
export function checkPace(data: GameData, character: Character, spells: readonly PlannedSpell[]): void {
  if (data.combatRatings.size === 0 || data.ratingMultipliers.length === 0 || data.randPropPoints.length === 0) {
    throw bad(
      'combat_ratings, combat_ratings_mult_by_ilvl or rand_prop_points has no rows: gear and stats cannot be scaled',
      'Import data that has them. Client tables need CombatRatings.txt and CombatRatingsMultByILvl.txt beside them.',
    )
  }
  let fastest = 1 + character.haste
  if (!(fastest > 0)) {
    throw runaway('combat_ratings.csv', { what: `the character's haste is ${character.haste}`, hint: HASTE_HINT })
  }
  for (const { spell, effects } of spells) {
    const stacks = spell.passive ? 1 : Math.max(1, spell.maxStacks)
    for (const effect of effects) {
      if (effect.kind !== 'mod_haste') continue
      const factor = 1 + stacks * effect.base
      if (!(factor > 0))
        throw runaway(placeOf(spell, effect), { what: `it leaves ${factor} of haste`, hint: HASTE_HINT })
      fastest *= Math.max(1, factor)
    }
  }
  for (const { spell, effects } of spells) {
    const isTicking = effects.some(({ kind }) => kind.startsWith('periodic_'))
    if (isTicking)
      checkInterval(`spells.csv: ${spell.name} (${spell.id})`, 'ticks', spell.tickMs, spell.ticksHasted ? fastest : 1)
  }
  for (const [slot, weapon] of [
    ['main_hand', character.mainHand],
    ['off_hand', character.offHand],
  ] as const) {
    if (weapon !== undefined) checkInterval(`items.csv: the weapon in ${slot}`, 'swings', weapon.speedMs, fastest)
  }
}

function checkInterval(place: string, what: string, ms: number, haste: number): void {
  if (ms / haste >= INTERVAL_MS_MIN) return
  throw runaway(place, {
    what: `it ${what} every ${ms} ms, which is less than ${INTERVAL_MS_MIN} ms at ${haste.toFixed(2)} times the speed`,
    hint: 'Correct the time, or what gives so much haste.',
  })
}

function placeOf({ id, name }: PlannedSpell['spell'], { position }: SpellEffect): string {
  return `spell_effects.csv: ${name} (${id}), position ${position}`
}
