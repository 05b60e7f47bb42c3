import { floats, ints, lists } from './columns.js'
import type { PlannedSpell } from './known-spells.js'
import { PROC_KINDS, type ProcColumns } from './plan.js'

/** Passives and auras that trigger spells by chance. Passives hold when they are known, auras while they are up. */
export function compileProcs(spells: readonly PlannedSpell[], auraOf: Int32Array, instanceOf: Int32Array): ProcColumns {
  const spellOf = new Map(spells.map(({ spell }, index) => [spell.id, index]))
  const rows = spells
    .map((planned, index) => ({ ...planned, aura: auraOf[index] as number }))
    .filter(({ spell, aura, isKnown }) => spell.procFlags !== 0 && (aura >= 0 || (spell.passive && isKnown)))
  const by: number[][] = []
  for (let kind = 0; kind < PROC_KINDS; kind++) {
    for (const { spell: cause } of spells) {
      const matching = rows.flatMap(({ spell }, proc) => {
        const isMeant = spell.procMask === 0 || (spell.procMask & cause.familyMask) !== 0
        return isMeant && (spell.procFlags & (1 << kind)) !== 0 ? [proc] : []
      })
      by.push(matching)
    }
  }
  return {
    count: rows.length,
    aura: ints(rows, ({ aura }) => (aura < 0 ? -1 : (instanceOf[aura] as number))),
    chance: floats(rows, ({ spell }) => spell.procChance),
    rate: floats(rows, ({ spell }) => spell.procRppm / 60_000),
    cooldownMs: ints(rows, ({ spell }) => spell.procIcdMs),
    triggered: lists(
      rows.map(({ effects }) =>
        effects
          .filter(({ kind }) => kind === 'proc_trigger')
          .map(({ triggerSpellId }) => spellOf.get(triggerSpellId) ?? -1),
      ),
    ),
    by: lists(by),
  }
}
