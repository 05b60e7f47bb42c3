import { INSTANT_CASTS_MAX, WAIT_MS_MAX } from '../fight/player.js'
import { MISSILES_MAX, TIMER } from '../fight/state.js'
import { GCD_MS_MIN } from '../fight/timing.js'
import { ACTION, PROC } from '../plan/plan.js'
import { consumeAuras } from './auras.js'
import { castMs, holds } from './conditions.js'
import { takeCharges } from './cooldowns.js'
import { weigh } from './damage.js'
import { arrive, arriveByMissile, attemptProcs, effectsOf, hurts } from './effects.js'
import { canPay, pay, syncPowers } from './powers.js'
import { between, literal, type Program } from './program.js'

/** The rules of `fight/player.ts`. */
export function onReady(p: Program): string {
  return p.call(
    'onReady',
    () => `
      isWaiting = false
      wakesMs = nowMs + ${WAIT_MS_MAX}
      ${syncPowers(p)}
      for (let casts = 0; casts < ${INSTANT_CASTS_MAX}; casts++) {
        if (!${castNext(p)}) break
        if (timers.isRunning(${TIMER.READY})) return
      }
      waits++
      isWaiting = true
      timers.schedule(${TIMER.READY}, wakesMs)`,
  )
}

function castNext(p: Program): string {
  return p.call('castNext', () => `${actions(p, 0, p.plan.rotation.kind.length)}\nreturn false`)
}

function actions(p: Program, from: number, end: number): string {
  const { kind, spell, condition, cycle, skipTo } = p.plan.rotation
  const texts: string[] = []
  for (let action = from; action < end; action++) {
    const at = condition[action] as number
    if (kind[action] === ACTION.GUARD) {
      const last = skipTo[action] as number
      texts.push(`if (${holds(p, at, '0')}) {\n${actions(p, action + 1, last)}\n}`)
      action = last - 1
      continue
    }
    const candidate = spell[action] as number
    const begin = (target: string) =>
      `if (${holds(p, at, target)}) {\n${beginCast(p, candidate, target)}\nreturn true\n}`
    const attempt =
      cycle[action] === 1 && p.plan.enemies > 1
        ? `for (let target = 0; target < ${p.plan.enemies}; target++) ${begin('target')}`
        : begin('0')
    texts.push(`if (${isCastable(p, candidate)}) {\n${attempt}\n}`)
  }
  return texts.join('\n')
}

function isCastable(p: Program, spell: number): string {
  const { poolStart, targetHealthBelow, requiredAura } = p.plan.spells
  const { auras, durationMs } = p.plan
  const below = targetHealthBelow[spell] as number
  const required = requiredAura[spell] as number
  return [
    poolStart[spell] === poolStart[spell + 1] ? 'true' : `emptyPools[${spell}] === 0`,
    below > 0 ? `(${durationMs} - nowMs) * 100 < ${literal(below * durationMs)}` : 'true',
    required >= 0 ? `stacks[${auras.instance[required]}] !== 0` : 'true',
    canPay(p, spell) ?? 'true',
  ]
    .filter((test) => test !== 'true')
    .concat('true')
    .join(' && ')
}

function beginCast(p: Program, spell: number, target: string): string {
  const { spells } = p.plan
  const channelBaseMs = spells.channelMs[spell] as number
  const gcd = spells.gcdMs[spell] as number
  const globalMs =
    spells.gcdHasted[spell] === 1
      ? `Math.max(${Math.min(gcd, GCD_MS_MIN)}, Math.round(${gcd} / real[HASTE]))`
      : `${gcd}`
  return p.callOn(target, `beginCast${spell}`, () => {
    const procs = attemptProcs(p, PROC.CAST, spell, p.target)
    const channel = `
      ${consumeAuras(p, spell)}
      channelSpell = ${spell}
      channelTarget = ${p.target}
      channelTicksDone = 0
      channelStartMs = nowMs
      channelMs = lengthMs
      ${scheduleChannelTick(p, spell)}`
    const cast = `
      castSpell = ${spell}
      castTarget = ${p.target}
      timers.schedule(${TIMER.CAST}, nowMs + durationMs)`
    const release =
      spells.castMs[spell] === 0
        ? launch(p, spell, p.target)
        : `if (durationMs > 0) {\n${cast}\n} else ${launch(p, spell, p.target)}`
    const isChannelled = channelBaseMs > 0
    return `
      const durationMs = ${castMs(p, spell)}
      ${isChannelled ? `const lengthMs = Math.round(${channelBaseMs} / real[HASTE])` : ''}
      const busyMs = Math.max(${globalMs}, durationMs${isChannelled ? ', lengthMs' : ''})
      casts[${spell}]++
      ${pay(p, spell)}
      ${takeCharges(p, spell)}
      ${isChannelled ? `if (lengthMs > 0) {\n${channel}\n} else {\n${release}\n}` : release}
      if (busyMs > 0) timers.schedule(${TIMER.READY}, nowMs + busyMs)
      ${isChannelled && procs !== '' ? `if (lengthMs > 0) {\n${procs}\n}` : ''}
      previousSpell = ${spell}`
  })
}

function scheduleChannelTick(p: Program, spell: number): string {
  const ticks = p.plan.spells.channelTicks[spell] as number
  return `timers.schedule(${TIMER.CHANNEL}, channelStartMs + Math.round(((channelTicksDone + 1) * channelMs) / ${ticks}))`
}

/** Spells that the rotation casts. */
function castable({ plan }: Program): number[] {
  return [...new Set(plan.rotation.spell)].filter((spell) => spell >= 0).sort((a, b) => a - b)
}

function cases(spells: readonly number[], text: (spell: number) => string): string {
  return spells.map((spell) => `case ${spell}: ${text(spell)}; break`).join('\n')
}

export function onCastDone(p: Program): string {
  const spells = castable(p).filter((spell) => (p.plan.spells.castMs[spell] as number) > 0)
  return p.call(
    'onCastDone',
    () => `
      const spell = castSpell
      castSpell = -1
      switch (spell) {
        ${cases(spells, (spell) => launch(p, spell, 'castTarget'))}
      }`,
  )
}

export function onChannelTick(p: Program): string {
  const spells = castable(p).filter((spell) => (p.plan.spells.channelMs[spell] as number) > 0)
  return p.call(
    'onChannelTick',
    () => `
      channelTicksDone++
      switch (channelSpell) {
        ${cases(spells, (spell) => tickChannel(p, spell))}
      }`,
  )
}

function tickChannel(p: Program, spell: number): string {
  return p.call(
    `tickChannel${spell}`,
    () => `
      if (channelTicksDone < ${p.plan.spells.channelTicks[spell]}) {
        ${scheduleChannelTick(p, spell)}
        timers.schedule(${TIMER.READY}, dueMs[${TIMER.READY}])
      }
      ${arrive(p, spell, 'channelTarget', true)}`,
  )
}

function launch(p: Program, spell: number, target: string): string {
  const travelMs = p.plan.spells.travelMs[spell] as number
  return p.callOn(target, `launch${spell}`, () => {
    const arrives = effectsOf(p, spell, true)
    const flies = `
      const missile = nextMissile
      if (missileSpell[missile] < 0) {
        nextMissile = (missile + 1) % ${MISSILES_MAX}
        missileSpell[missile] = ${spell}
        missileTarget[missile] = ${p.target}
        ${hurts(p, spell) ? 'missileFactor[missile] = factor\nmissileCrit[missile] = chance' : ''}
        timers.schedule(MISSILE + missile, nowMs + ${travelMs})
      } else {\n${arrives}\n}`
    return `
      ${hurts(p, spell) ? weigh(p, spell) : ''}
      ${travelMs > 0 ? flies : arrives}
      ${consumeAuras(p, spell)}
      ${attemptProcs(p, PROC.CAST, spell, p.target)}`
  })
}

export function onMissile(p: Program): string {
  const spells = castable(p).filter((spell) => (p.plan.spells.travelMs[spell] as number) > 0)
  return p.call(
    'onMissile',
    () => `
      const spell = missileSpell[missile]
      missileSpell[missile] = -1
      switch (spell) {
        ${cases(spells, (spell) => arriveByMissile(p, spell))}
      }`,
    'missile',
    'timer - MISSILE',
  )
}

export function onSwing(p: Program, hand: number): string {
  const { spell: spells, speedMs } = p.plan.swings
  const spell = spells[hand] as number
  return p.call(
    `onSwing${hand}`,
    () => `
      timers.schedule(${TIMER.SWING + hand}, nowMs + Math.max(1, Math.round(${speedMs[hand]} / real[HASTE])))
      casts[${spell}]++
      ${arrive(p, spell, '0', true)}
      ${attemptProcs(p, PROC.SWING, spell, '0')}`,
  )
}

/** Hands that hold a weapon. */
export function swinging({ plan }: Program): number[] {
  return between(0, plan.swings.spell.length).filter((hand) => (plan.swings.spell[hand] as number) >= 0)
}
