import type { CombatPlan } from '../plan/plan.js'

/** Sums over fights, as whole numbers in doubles: the aggregate takes them out long before 2⁵³. */
export class Tally {
  readonly casts: Float64Array
  readonly hits: Float64Array
  readonly crits: Float64Array
  readonly ticks: Float64Array
  readonly tickCrits: Float64Array
  readonly damage: Float64Array
  readonly hitMax: Float64Array
  /** By aura; uptime adds up over its holders. */
  readonly applications: Float64Array
  readonly refreshes: Float64Array
  readonly uptimeMs: Float64Array
  /** By power type, in millionths. */
  readonly gained: Float64Array
  readonly wasted: Float64Array
  readonly spent: Float64Array
  readonly cappedMs: Float64Array

  constructor({ spells, auras, powers }: CombatPlan) {
    this.casts = new Float64Array(spells.count)
    this.hits = new Float64Array(spells.count)
    this.crits = new Float64Array(spells.count)
    this.ticks = new Float64Array(spells.count)
    this.tickCrits = new Float64Array(spells.count)
    this.damage = new Float64Array(spells.count)
    this.hitMax = new Float64Array(spells.count)
    this.applications = new Float64Array(auras.count)
    this.refreshes = new Float64Array(auras.count)
    this.uptimeMs = new Float64Array(auras.count)
    this.gained = new Float64Array(powers.count)
    this.wasted = new Float64Array(powers.count)
    this.spent = new Float64Array(powers.count)
    this.cappedMs = new Float64Array(powers.count)
  }

  reset(): void {
    for (const column of Object.values(this) as Float64Array[]) column.fill(0)
  }
}
