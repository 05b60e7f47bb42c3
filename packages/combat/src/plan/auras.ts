import { bad } from '../tables/read-table.js'
import { bytes, ints } from './columns.js'
import type { PlannedSpell } from './known-spells.js'
import { type AuraColumns, REFRESH } from './plan.js'

/** Aura of every spell that applies one, by index of the spell; -1 for the others. */
export function indexAuras(spells: readonly PlannedSpell[]): Int32Array {
  let next = 0
  return ints(spells, ({ effects }) => (effects.some(({ kind }) => kind === 'aura') ? next++ : -1))
}

export function compileAuras(
  spells: readonly PlannedSpell[],
  auraOf: Int32Array,
  enemies: number,
  periodic: { readonly start: Int32Array; readonly end: Int32Array },
): AuraColumns {
  const rows = spells
    .map((planned, spell) => ({ ...planned, index: spell, onEnemy: isOnEnemy(planned) }))
    .filter(({ index }) => (auraOf[index] as number) >= 0)
  let instances = 0
  const instance = ints(rows, ({ onEnemy }) => {
    const first = instances
    instances += onEnemy ? enemies : 1
    return first
  })
  const owners = rows.flatMap(({ onEnemy }, aura) =>
    Array.from({ length: onEnemy ? enemies : 1 }, (_, target) => ({ aura, target })),
  )
  for (const { spell, effects } of rows) {
    if (effects.some(({ kind }) => kind.startsWith('periodic_')) && spell.tickMs <= 0) {
      throw bad(`spells.csv: ${spell.name} has periodic effects and no tick_ms`, 'Give it the time from tick to tick.')
    }
  }
  return {
    count: rows.length,
    spell: ints(rows, ({ index }) => index),
    onEnemy: bytes(rows, ({ onEnemy }) => onEnemy),
    instance,
    instances,
    instanceAura: ints(owners, ({ aura }) => aura),
    instanceTarget: ints(owners, ({ target }) => target),
    durationMs: ints(rows, ({ spell }) => spell.durationMs),
    durationMsMax: ints(rows, ({ spell }) => Math.max(spell.durationMs, spell.maxDurationMs)),
    stacksMax: ints(rows, ({ spell }) => Math.max(1, spell.maxStacks)),
    refresh: bytes(rows, ({ spell }) => REFRESH_CODES[spell.refresh]),
    tickMs: ints(rows, ({ spell, effects }) =>
      effects.some(({ kind }) => kind.startsWith('periodic_')) ? spell.tickMs : 0,
    ),
    ticksHasted: bytes(rows, ({ spell }) => spell.ticksHasted),
    tickOnApplication: bytes(rows, ({ spell }) => spell.tickOnApplication),
    ticksMayCrit: bytes(rows, ({ spell }) => spell.ticksMayCrit),
    effectStart: ints(rows, ({ index }) => periodic.start[index] as number),
    effectEnd: ints(rows, ({ index }) => periodic.end[index] as number),
    changesStats: bytes(rows, ({ effects }) =>
      effects.some(({ kind }) => kind === 'mod_haste' || kind === 'mod_power'),
    ),
  }
}

const REFRESH_CODES = {
  none: REFRESH.NONE,
  reset: REFRESH.RESET,
  pandemic: REFRESH.PANDEMIC,
  extend: REFRESH.EXTEND,
} as const

function isOnEnemy({ effects }: PlannedSpell): boolean {
  return effects.some(({ kind, target }) => kind === 'aura' && target !== 'self')
}
