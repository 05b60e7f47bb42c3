/** What a timeline tells. The numbers are part of the timeline's encoding: never change one. */
export const TRACE = {
  CAST: 1,
  HIT: 2,
  CRIT: 3,
  TICK: 4,
  TICK_CRIT: 5,
  AURA_GAINED: 6,
  AURA_REFRESHED: 7,
  AURA_LOST: 8,
  POWER: 9,
} as const

/** Entries that are kept of a fight; it says so when there were more. */
const TRACE_ENTRIES_MAX = 100_000

/** The story of one fight, in columns. */
export class Trace {
  readonly timeMs: number[] = []
  readonly kind: number[] = []
  /** Index of a spell; for POWER of a power type. */
  readonly subject: number[] = []
  /** Index of an enemy, -1 for the player. */
  readonly target: number[] = []
  /** Damage, stacks, or the power's new amount in millionths. For a CAST, the time until the next, in milliseconds. */
  readonly amount: number[] = []
  isCut = false

  add(timeMs: number, kind: number, subject: number, target: number, amount: number): void {
    if (this.timeMs.length === TRACE_ENTRIES_MAX) {
      this.isCut = true
      return
    }
    this.timeMs.push(timeMs)
    this.kind.push(kind)
    this.subject.push(subject)
    this.target.push(target)
    this.amount.push(amount)
  }
}
