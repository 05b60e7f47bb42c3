import { Prng } from '@terrane/core'

/** One fault of a process of several. */
export interface ZoneFault {
  /** `kill`: SIGKILL, and a new process later. `freeze`: SIGSTOP, and SIGCONT later. */
  readonly kind: 'kill' | 'freeze'
  /** Which of those that have zones, or of those that have none, counted around. */
  readonly victim: number
  readonly hitsOwner: boolean
  /** Since everything was well again, ms. */
  readonly afterMs: number
  /** From SIGKILL to the next start, or from SIGSTOP to SIGCONT, ms. */
  readonly lastsMs: number
}

const CALM_MS = { min: 300, max: 2_000 }
const FREEZE_CHANCE = 0.4
const OWNER_CHANCE = 0.85
const AWAY_MS = { min: 0, max: 2_500 }
/** Some are shorter than a lease, so that the owner is still the owner when it wakes up. */
const FROZEN_MS = { min: 300, max: 4_000 }

/** The faults of a seed. The first is a kill, the second a freeze that outlasts every lease, both of owners. */
export function zoneFaultsOf(seed: string, count: number): readonly ZoneFault[] {
  const random = new Prng(`zones ${seed}`)
  return Array.from({ length: count }, (_, i): ZoneFault => {
    const isFreeze = random.chance(FREEZE_CHANCE)
    const kind = i === 0 ? 'kill' : i === 1 || isFreeze ? 'freeze' : 'kill'
    const { min, max } = kind === 'freeze' ? FROZEN_MS : AWAY_MS
    const lastsMs = random.between(min, max)
    return {
      kind,
      victim: random.below(1_000),
      hitsOwner: random.chance(OWNER_CHANCE) || i < 2,
      afterMs: random.between(CALM_MS.min, CALM_MS.max),
      lastsMs: i === 1 ? FROZEN_MS.max : lastsMs,
    }
  })
}
