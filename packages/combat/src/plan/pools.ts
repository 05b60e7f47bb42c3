import { bytes, ints, lists, starts } from './columns.js'
import type { PlannedSpell } from './known-spells.js'
import type { PoolColumns, SpellColumns } from './plan.js'

interface Pool {
  charges: number
  hasted: boolean
}

/**
 * Cooldowns as pools of charges: a spell's own, that of its category and that of its charge category. A cast takes a
 * charge of each, and none may be empty. A plain cooldown is a pool of one.
 */
export function compilePools(
  spells: readonly PlannedSpell[],
): { columns: PoolColumns } & Pick<SpellColumns, 'poolStart' | 'pool' | 'poolMs'> {
  const pools: Pool[] = []
  const shared = new Map<string, number>()
  const poolFor = (key: string, charges: number, hasted: boolean): number => {
    const found = shared.get(key)
    if (found !== undefined) {
      const pool = pools[found] as Pool
      pool.charges = Math.max(pool.charges, charges)
      return found
    }
    shared.set(key, pools.length)
    return pools.push({ charges, hasted }) - 1
  }
  const uses = spells.map(({ spell }) => {
    const own: { pool: number; ms: number }[] = []
    const add = (key: string, charges: number, ms: number) => {
      if (ms > 0) own.push({ pool: poolFor(key, charges, spell.cooldownHasted), ms })
    }
    add(`spell ${spell.id}`, 1, spell.cooldownMs)
    if (spell.categoryId !== 0) add(`category ${spell.categoryId}`, 1, spell.categoryCooldownMs)
    if (spell.chargeCategoryId !== 0) {
      add(`charges ${spell.chargeCategoryId}`, Math.max(1, spell.maxCharges), spell.chargeRecoveryMs)
    }
    return own
  })
  const flat = uses.flat()
  return {
    columns: {
      count: pools.length,
      charges: ints(pools, ({ charges }) => charges),
      hasted: bytes(pools, ({ hasted }) => hasted),
      spells: lists(
        pools.map((_, pool) => uses.flatMap((own, spell) => (own.some((use) => use.pool === pool) ? [spell] : []))),
      ),
    },
    poolStart: starts(uses),
    pool: ints(flat, ({ pool }) => pool),
    poolMs: ints(flat, ({ ms }) => ms),
  }
}
