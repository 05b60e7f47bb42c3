import { FIRST_POOL_TIMER } from '../fight/state.js'
import { between, literal, type Program } from './program.js'

/** The rules of `fight/cooldowns.ts` for the pools of a plan. */
export function takeCharges(p: Program, spell: number): string {
  const { poolStart, pool, poolMs } = p.plan.spells
  return between(poolStart[spell] as number, poolStart[spell + 1] as number)
    .map((i) => {
      const taken = pool[i] as number
      return `
        if (--charges[${taken}] === 0) { ${countEmpty(p, taken, '++')} }
        poolMs[${taken}] = ${poolMs[i]}
        if (!timers.isRunning(${FIRST_POOL_TIMER + taken})) ${recover(p, taken)}`
    })
    .join('\n')
}

export function onRecovered(p: Program, pool: number): string {
  return p.call(
    `onRecovered${pool}`,
    () => `
      const left = ++charges[${pool}]
      if (left === 1) { ${countEmpty(p, pool, '--')} }
      if (isWaiting) wake()
      if (left < ${p.plan.pools.charges[pool]}) ${recover(p, pool)}`,
  )
}

function countEmpty(p: Program, pool: number, change: '++' | '--'): string {
  const { start, items } = p.plan.pools.spells
  return between(start[pool] as number, start[pool + 1] as number)
    .map((i) => `emptyPools[${items[i]}]${change}`)
    .join('; ')
}

function recover(p: Program, pool: number): string {
  const ms = p.plan.pools.hasted[pool] === 1 ? `Math.round(poolMs[${pool}] / real[HASTE])` : `poolMs[${pool}]`
  return p.call(`recover${pool}`, () => `timers.schedule(${FIRST_POOL_TIMER + pool}, nowMs + ${ms})`)
}

export function advanceCooldown(p: Program, spell: number, ms: number): string {
  const { poolStart, pool } = p.plan.spells
  return between(poolStart[spell] as number, poolStart[spell + 1] as number)
    .map((i) => {
      const timer = FIRST_POOL_TIMER + (pool[i] as number)
      const dueMs = ms < 0 ? 'nowMs' : `Math.max(nowMs, dueMs[${timer}] - ${literal(ms)})`
      return `if (timers.isRunning(${timer})) timers.schedule(${timer}, ${dueMs})`
    })
    .join('\n')
}

/** An expression: milliseconds until no pool of the spell is empty. */
export function cooldownRemainsMs(p: Program, spell: number): string {
  const { poolStart, pool } = p.plan.spells
  const each = between(poolStart[spell] as number, poolStart[spell + 1] as number).map(
    (i) => `charges[${pool[i]}] > 0 ? 0 : dueMs[${FIRST_POOL_TIMER + (pool[i] as number)}] - nowMs`,
  )
  return `Math.max(0, ${each.join(', ')})`
}

/** An expression: charges of the spell's pool with the fewest. */
export function chargesOf(p: Program, spell: number): string {
  const { poolStart, pool } = p.plan.spells
  const each = between(poolStart[spell] as number, poolStart[spell + 1] as number).map((i) => `charges[${pool[i]}]`)
  return each.length === 0 ? '1' : `Math.min(${each.join(', ')})`
}
