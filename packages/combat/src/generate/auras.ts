import { PANDEMIC_SHARE } from '../fight/auras.js'
import { REFRESH } from '../plan/plan.js'
import { setRates, syncPowers } from './powers.js'
import { between, literal, type Program } from './program.js'

/** An expression: the instance of an aura that such an enemy has, or the player. */
export function instanceOn({ plan }: Program, aura: number, target: string): string {
  const { instance, onEnemy } = plan.auras
  return onEnemy[aura] === 1 && plan.enemies > 1 ? `(${instance[aura]} + ${target})` : `${instance[aura]}`
}

/** The rules of `fight/auras.ts`. */
export function applyAura(p: Program, aura: number, target: string): string {
  if (aura < 0) return ''
  const { durationMs, changesStats, tickMs, tickOnApplication } = p.plan.auras
  const length = durationMs[aura] as number
  return p.callOn(
    target,
    `applyAura${aura}`,
    () => `
      const instance = ${instanceOn(p, aura, p.target)}
      const before = stacks[instance]
      if (isWaiting) wake()
      if (before > 0) {
        ${refresh(p, aura)}
        return
      }
      stacks[instance] = 1
      appliedMs[instance] = nowMs
      expiresMs[instance] = nowMs + ${length}
      applications[${aura}]++
      ${length > 0 ? `timers.schedule(EXPIRE + instance, nowMs + ${length})` : ''}
      ${changesStats[aura] === 1 ? updateStats(p) : ''}
      ${(tickMs[aura] as number) > 0 ? `tickedMs[instance] = nowMs\n${scheduleTick(p, aura)}` : ''}
      ${
        (tickMs[aura] as number) > 0 && tickOnApplication[aura] === 1 ? 'timers.schedule(TICK + instance, nowMs)' : ''
      }`,
  )
}

function refresh(p: Program, aura: number): string {
  const { refresh: rules, durationMs, durationMsMax, stacksMax, changesStats } = p.plan.auras
  const rule = rules[aura] as number
  const length = durationMs[aura] as number
  if (rule === REFRESH.NONE) return ''
  let nextMs = `${length}`
  if (rule === REFRESH.PANDEMIC) {
    nextMs = `${length} + Math.min(expiresMs[instance] - nowMs, ${Math.floor(length * PANDEMIC_SHARE)})`
  } else if (rule === REFRESH.EXTEND) {
    nextMs = `Math.min(${length} + expiresMs[instance] - nowMs, ${durationMsMax[aura]})`
  }
  return `
    const count = Math.min(${stacksMax[aura]}, before + 1)
    stacks[instance] = count
    refreshes[${aura}]++
    ${
      length > 0
        ? `const endMs = nowMs + (${nextMs})
           expiresMs[instance] = endMs
           timers.schedule(EXPIRE + instance, endMs)`
        : ''
    }
    ${changesStats[aura] === 1 ? `if (count !== before) ${updateStats(p)}` : ''}`
}

/** The next tick of `instance`, a period from now. */
export function scheduleTick(p: Program, aura: number): string {
  const { tickMs, ticksHasted } = p.plan.auras
  const ms = ticksHasted[aura] === 1 ? `Math.max(1, Math.round(${tickMs[aura]} / real[HASTE]))` : `${tickMs[aura]}`
  return `{
    const nextMs = ${ms}
    tickPeriodMs[instance] = nextMs
    timers.schedule(TICK + instance, nowMs + nextMs)
  }`
}

/** @param instance an expression */
export function removeAura(p: Program, aura: number, instance: string): string {
  return p.call(
    `removeAura${aura}`,
    () => `
      if (stacks[instance] === 0) return
      uptimeMs[${aura}] += nowMs - appliedMs[instance]
      stacks[instance] = 0
      if (isWaiting) wake()
      timers.cancel(EXPIRE + instance)
      timers.cancel(TICK + instance)
      ${p.plan.auras.changesStats[aura] === 1 ? updateStats(p) : ''}`,
    'instance',
    instance,
  )
}

/** A stack of each aura of the player that such a cast consumes. */
export function consumeAuras(p: Program, spell: number): string {
  const { start, items } = p.plan.spells.consumes
  return between(start[spell] as number, start[spell + 1] as number)
    .map((i) => {
      const aura = items[i] as number
      const instance = p.plan.auras.instance[aura] as number
      return `if (stacks[${instance}] === 1) ${removeAura(p, aura, String(instance))}
        else if (stacks[${instance}] > 1) stacks[${instance}]--`
    })
    .join('\n')
}

function updateStats(p: Program): string {
  const { modifiers, haste, power } = p.plan
  const factors = (name: string, { aura, value }: typeof modifiers.haste) =>
    between(0, aura.length)
      .map((i) => `if (stacks[${aura[i]}] > 0) ${name} *= 1 + stacks[${aura[i]}] * ${literal(value[i] as number)}`)
      .join('\n')
  return p.call(
    'updateStats',
    () => `
      ${syncPowers(p)}
      let haste = ${literal(haste)}
      ${factors('haste', modifiers.haste)}
      let factor = 1
      ${factors('factor', modifiers.power)}
      real[HASTE] = haste
      real[POWER] = ${literal(power)} * factor
      ${setRates(p)}`,
  )
}
