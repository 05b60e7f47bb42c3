import { EFFECT, PROC } from '../plan/plan.js'
import { removeAura, scheduleTick } from './auras.js'
import { tickDamage } from './damage.js'
import { arrive, attemptProcs } from './effects.js'
import { gainPower } from './powers.js'
import { between, type Program } from './program.js'

/**
 * The rules of `fight/ticks.ts`.
 * @param instance an expression
 */
export function onExpired(p: Program, aura: number, instance: string): string {
  const { tickMs } = p.plan.auras
  return p.call(
    `onExpired${aura}`,
    () => `
      ${
        (tickMs[aura] as number) > 0
          ? `const elapsedMs = nowMs - tickedMs[instance]
             if (elapsedMs > 0) ${runTick(p, aura, 'elapsedMs')}`
          : ''
      }
      ${removeAura(p, aura, 'instance')}`,
    'instance',
    instance,
  )
}

/** @param instance an expression */
export function onTick(p: Program, aura: number, instance: string): string {
  return p.call(
    `onTick${aura}`,
    () => `
      const periodMs = tickPeriodMs[instance]
      tickedMs[instance] = nowMs
      ${runTick(p, aura, 'periodMs')}
      if (stacks[instance] !== 0 && !timers.isRunning(TICK + instance)) ${scheduleTick(p, aura)}`,
    'instance',
    instance,
  )
}

function runTick(p: Program, aura: number, elapsedMs: string): string {
  const { auras, effects } = p.plan
  const spell = auras.spell[aura] as number
  const ofEffect = (effect: number): string => {
    const what = effects.argument[effect] as number
    if (effects.kind[effect] === EFFECT.DAMAGE) {
      return tickDamage(p, spell, effect, p.target, auras.ticksMayCrit[aura] === 1)
    }
    const done = effects.kind[effect] === EFFECT.TRIGGER ? arrive(p, what, p.target, false) : gainPower(p, what, effect)
    return `if (elapsedMs >= periodMs) { ${done} }`
  }
  return p.call(
    `runTick${aura}`,
    () => `
      const periodMs = tickPeriodMs[instance]
      ${p.plan.enemies === 1 ? '' : `const target = ${auras.onEnemy[aura] === 1 ? `instance - ${auras.instance[aura]}` : '0'}`}
      ${between(auras.effectStart[aura] as number, auras.effectEnd[aura] as number)
        .map(ofEffect)
        .join('\n')}
      ${attemptProcs(p, PROC.TICK, spell, p.target)}`,
    'instance, elapsedMs',
    `instance, ${elapsedMs}`,
  )
}
