import type { Row } from '@terrane/combat'

type Effect = Row<'spell_effects'>

/**
 * The effects without those by which spells set each other off at once and forever: of each circle the one that closes it,
 * seen from the spell with the lowest id.
 */
export function breakCycles(effects: readonly Effect[]): Effect[] {
  const triggers = new Map<number, Effect[]>()
  for (const effect of effects) {
    if (effect.kind !== 'trigger') continue
    const own = triggers.get(effect.spellId)
    if (own === undefined) triggers.set(effect.spellId, [effect])
    else own.push(effect)
  }
  const closing = new Set<Effect>()
  const done = new Set<number>()
  for (const root of [...triggers.keys()].sort((a, b) => a - b)) {
    // Depth first, without recursion: chains of a whole game may be long.
    const path = [{ spell: root, next: 0 }]
    const onPath = new Set([root])
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const effect = done.has(top.spell) ? undefined : triggers.get(top.spell)?.[top.next++]
      if (effect === undefined) {
        done.add(top.spell)
        onPath.delete(top.spell)
        path.pop()
      } else if (onPath.has(effect.triggerSpellId)) closing.add(effect)
      else {
        onPath.add(effect.triggerSpellId)
        path.push({ spell: effect.triggerSpellId, next: 0 })
      }
    }
  }
  return closing.size === 0 ? [...effects] : effects.filter((effect) => !closing.has(effect))
}
