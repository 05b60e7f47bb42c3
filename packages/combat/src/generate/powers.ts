import { between, literal, type Program } from './program.js'

/** The rules of `fight/powers.ts` for the powers of a plan. */
export function syncPowers(p: Program): string {
  return p.call('syncPowers', () =>
    between(0, p.plan.powers.count)
      .map((power) => syncPower(p, power))
      .join('\n'),
  )
}

function syncPower(p: Program, power: number): string {
  return p.call(
    `syncPower${power}`,
    () => `
      const elapsedMs = nowMs - powerSyncedMs[${power}]
      if (elapsedMs === 0) return
      powerSyncedMs[${power}] = nowMs
      const before = powerAmount[${power}]
      const room = ${literal(p.plan.powers.max[power] as number)} - before
      const rate = powerRate[${power}]
      const more = rate * elapsedMs
      if (more < room) {
        powerAmount[${power}] = before + more
        gained[${power}] += more
        return
      }
      const filledMs = room === 0 ? 0 : Math.ceil(room / rate)
      powerAmount[${power}] = ${literal(p.plan.powers.max[power] as number)}
      gained[${power}] += room
      wasted[${power}] = wasted[${power}] + more - room
      cappedMs[${power}] = cappedMs[${power}] + elapsedMs - filledMs`,
  )
}

export function setRates(p: Program): string {
  const { count, regen, regenHasted } = p.plan.powers
  return p.call('setRates', () =>
    between(0, count)
      .map((power) => {
        const rate = literal(regen[power] as number)
        return `powerRate[${power}] = ${regenHasted[power] === 1 ? `Math.round(${rate} * real[HASTE])` : rate}`
      })
      .join('\n'),
  )
}

export function gainPower(p: Program, power: number, effect: number): string {
  if (power < 0) return ''
  return p.call(
    `gainPower${power}By${effect}`,
    () => `
      ${syncPower(p, power)}
      const before = powerAmount[${power}]
      const sum = before + ${literal(p.plan.effects.base[effect] as number)}
      const after = Math.min(${literal(p.plan.powers.max[power] as number)}, sum)
      gained[${power}] += after - before
      wasted[${power}] += sum - after
      powerAmount[${power}] = after
      if (isWaiting) wake()`,
  )
}

interface Cost {
  readonly power: number
  /** An expression, millionths. */
  readonly amount: string
}

function costsOf(p: Program, spell: number): Cost[] {
  const { costStart, costPower, costAmount, costChanges, costFactor } = p.plan.spells
  const { start, aura, value } = p.plan.modifiers.cost
  return between(costStart[spell] as number, costStart[spell + 1] as number).map((entry) => {
    const power = costPower[entry] as number
    const amount = literal(costAmount[entry] as number)
    if (costChanges[spell] === 0) return { power, amount }
    const changes = between(start[spell] as number, start[spell + 1] as number).map(
      (i) => `if (stacks[${aura[i]}] > 0) factor *= ${literal(1 + (value[i] as number))}`,
    )
    const changed = p.call(
      `cost${entry}`,
      () => `
        let factor = ${literal(costFactor[spell] as number)}
        ${changes.join('\n')}
        return factor <= 0 ? 0 : Math.round(${amount} * factor)`,
    )
    return { power, amount: changed }
  })
}

/** An expression, undefined when the spell is for nothing. */
export function canPay(p: Program, spell: number): string | undefined {
  const costs = costsOf(p, spell)
  if (costs.length === 0) return undefined
  const waits = costs.map(
    ({ power, amount }) => `{
      const missing = ${amount} - powerAmount[${power}]
      if (missing > 0) {
        if (powerRate[${power}] === 0) return false
        waitMs = Math.max(waitMs, Math.ceil(missing / powerRate[${power}]))
      }
    }`,
  )
  return p.call(
    `canPay${spell}`,
    () => `
      let waitMs = 0
      ${waits.join('\n')}
      if (waitMs === 0) return true
      wakesMs = Math.min(wakesMs, nowMs + waitMs)
      return false`,
  )
}

export function pay(p: Program, spell: number): string {
  return costsOf(p, spell)
    .map(
      ({ power, amount }) => `{
        const cost = ${amount}
        spent[${power}] += cost
        powerAmount[${power}] -= cost
      }`,
    )
    .join('\n')
}
