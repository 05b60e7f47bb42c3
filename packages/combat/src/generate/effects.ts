import { RPPM_ATTEMPT_MS_MAX, RPPM_DROUGHT_MS_MAX } from '../fight/procs.js'
import { EFFECT, PROC, TARGET } from '../plan/plan.js'
import { applyAura, instanceOn, removeAura } from './auras.js'
import { advanceCooldown } from './cooldowns.js'
import { strike, weigh } from './damage.js'
import { gainPower } from './powers.js'
import { between, literal, type Program } from './program.js'

/** The rules of `fight/effects.ts` and `fight/procs.ts`. A spell arrives that is weighed now. */
export function arrive(p: Program, spell: number, target: string, mayProc: boolean): string {
  if (spell < 0) return ''
  return p.callOn(
    target,
    `arrive${spell}${mayProc ? '' : 'Triggered'}`,
    () => `${hurts(p, spell) ? weigh(p, spell) : ''}\n${effectsOf(p, spell, mayProc)}`,
  )
}

/** It was weighed when it left: `missile` is its place. */
export function arriveByMissile(p: Program, spell: number): string {
  const weighed = hurts(p, spell) ? 'const factor = missileFactor[missile]\nconst chance = missileCrit[missile]' : ''
  const target = p.plan.enemies === 1 ? '' : 'const target = missileTarget[missile]'
  return p.call(`arrive${spell}ByMissile`, () => `${target}\n${weighed}\n${effectsOf(p, spell, true)}`, 'missile')
}

/** Whether it does damage when it arrives. */
export function hurts({ plan }: Program, spell: number): boolean {
  const { effectStart, effectEnd } = plan.spells
  return between(effectStart[spell] as number, effectEnd[spell] as number).some(
    (effect) => plan.effects.kind[effect] === EFFECT.DAMAGE,
  )
}

export function effectsOf(p: Program, spell: number, mayProc: boolean): string {
  const { effectStart, effectEnd } = p.plan.spells
  return between(effectStart[spell] as number, effectEnd[spell] as number)
    .map((effect) => effectOf(p, spell, effect, mayProc))
    .join('\n')
}

function effectOf(p: Program, spell: number, effect: number, mayProc: boolean): string {
  const { kind, base, argument } = p.plan.effects
  const what = argument[effect] as number
  switch (kind[effect]) {
    case EFFECT.DAMAGE:
      return forReached(p, effect, (hit) => {
        const onHit = mayProc ? attemptProcs(p, PROC.HIT, spell, hit) : ''
        const onCrit = mayProc ? attemptProcs(p, PROC.CRIT, spell, hit) : ''
        return `${strike(p, spell, effect, hit)}\n${onHit}\n${onCrit === '' ? '' : `if (isCrit) { ${onCrit} }`}`
      })
    case EFFECT.AURA:
      return forReached(p, effect, (hit) => applyAura(p, what, hit))
    case EFFECT.ENERGIZE:
      return gainPower(p, what, effect)
    case EFFECT.TRIGGER:
      return arrive(p, what, p.target, false)
    case EFFECT.COOLDOWN:
      return advanceCooldown(p, what, base[effect] as number)
    default:
      return what < 0 ? '' : removeAura(p, what, instanceOn(p, what, p.target))
  }
}

/** A block for each enemy that the effect reaches. */
function forReached({ plan, target }: Program, effect: number, block: (hit: string) => string): string {
  const { enemies, effects } = plan
  const max = effects.targetsMax[effect] as number
  const reached = effects.target[effect] !== TARGET.ALL ? 1 : max === 0 || max > enemies ? enemies : max
  if (reached === 1) return `{\n${block(target)}\n}`
  return `for (let i = 0; i < ${reached}; i++) {\nconst hit = (${target} + i) % ${enemies}\n${block('hit')}\n}`
}

/** Empty when nothing can come of it. */
export function attemptProcs(p: Program, kind: number, spell: number, target: string): string {
  const { by, triggered } = p.plan.procs
  const list = kind * p.plan.spells.count + spell
  return between(by.start[list] as number, by.start[list + 1] as number)
    .map((i) => {
      const proc = by.items[i] as number
      const results = between(triggered.start[proc] as number, triggered.start[proc + 1] as number).map((t) =>
        arrive(p, triggered.items[t] as number, target, false),
      )
      return `if (${happens(p, proc)}) { ${results.join('; ')} }`
    })
    .join('\n')
}

function happens(p: Program, proc: number): string {
  const { aura, chance, rate, cooldownMs } = p.plan.procs
  const isByRate = (rate[proc] as number) > 0
  const needed = aura[proc] as number
  return p.call(
    `happens${proc}`,
    () => `
      ${
        isByRate
          ? `const sinceTriedMs = nowMs - procTriedMs[${proc}]
             if (sinceTriedMs === 0) return false`
          : ''
      }
      ${needed >= 0 ? `if (stacks[${needed}] === 0) return false` : ''}
      const sinceHappenedMs = nowMs - procHappenedMs[${proc}]
      if (sinceHappenedMs < ${cooldownMs[proc]}) return false
      ${
        isByRate
          ? `const rate = ${literal(rate[proc] as number)} * real[HASTE]
             const excess = Math.min(sinceHappenedMs, ${RPPM_DROUGHT_MS_MAX}) * rate - 1.5
             let chance = rate * Math.min(sinceTriedMs, ${RPPM_ATTEMPT_MS_MAX})
             if (excess > 0) chance *= 1 + 3 * excess
             procTriedMs[${proc}] = nowMs`
          : `const chance = ${literal(chance[proc] as number)}`
      }
      if ((random() >>> 0) * PER_WORD >= chance) return false
      procHappenedMs[${proc}] = nowMs
      return true`,
  )
}
