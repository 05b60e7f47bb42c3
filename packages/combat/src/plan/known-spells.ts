import type { Character, KnownSpell } from '../character/character.js'
import type { GameData, Spell, SpellEffect } from '../tables/game-data.js'
import { bad } from '../tables/read-table.js'

/** A spell of this job, with its effects as its owner has them. */
export interface PlannedSpell {
  readonly spell: Spell
  readonly effects: readonly SpellEffect[]
  /** Learnt, or granted by gear, rather than only triggered by another. */
  readonly isKnown: boolean
}

/**
 * Every spell that can take part: what the character knows and what that triggers, in order of their ids. `base` is
 * multiplied by the rank of the talent and, for spells of items, by the item's budget.
 */
export function collectSpells(data: GameData, character: Character): PlannedSpell[] {
  const { spec } = character
  const swings = [spec.mainHandSpellId, spec.offHandSpellId].filter((id) => id !== 0)
  const queue: KnownSpell[] = [...character.spells, ...swings.map((spellId) => ({ spellId, rank: 1, budget: 0 }))]
  const known = new Set(queue.map(({ spellId }) => spellId))
  const planned = new Map<number, PlannedSpell>()
  for (let each = queue.shift(); each !== undefined; each = queue.shift()) {
    const { spellId, rank, budget } = each
    const spell = data.spells.get(spellId)
    if (spell === undefined || planned.has(spellId)) continue
    const factor = rank * (spell.itemScaled ? budget : 1)
    const effects = (data.effects.get(spellId) ?? []).map((effect) => ({ ...effect, base: effect.base * factor }))
    planned.set(spellId, { spell, effects, isKnown: known.has(spellId) })
    const linked = effects.map(({ triggerSpellId }) => triggerSpellId)
    for (const id of [...linked, spell.requiredAuraId]) if (id !== 0) queue.push({ spellId: id, rank: 1, budget })
  }
  const sorted = [...planned.values()].sort((a, b) => a.spell.id - b.spell.id)
  refuseCycles(sorted)
  return sorted
}

/** A spell that triggers itself at once, directly or by others, would never end. */
function refuseCycles(spells: readonly PlannedSpell[]): void {
  const byId = new Map(spells.map((planned) => [planned.spell.id, planned]))
  const done = new Set<number>()
  const visit = (id: number, path: readonly number[]): void => {
    if (path.includes(id))
      throw bad(`spells ${[...path, id].join(' → ')} trigger each other forever`, 'Break the circle.')
    if (done.has(id)) return
    for (const { kind, triggerSpellId } of byId.get(id)?.effects ?? []) {
      if (kind === 'trigger') visit(triggerSpellId, [...path, id])
    }
    done.add(id)
  }
  for (const { spell } of spells) visit(spell.id, [])
}
