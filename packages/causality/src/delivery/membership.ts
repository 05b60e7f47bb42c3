// Which zones there are. Clocks would grow for ever if zones that are gone stayed in them, and an op of a zone that
// was forgotten would look like its first; so every clock is read together with a membership.
import { assert, TerraneError } from '@terrane/core'
import { assertZone, type ZoneId } from '../clock/counts.js'
import type { VClock } from '../clock/vclock.js'

/**
 * `live`: zones that may send, or whose ops may still be on the way. `forgotten`: everybody is past them, clocks do
 * not name them any more. `unknown`: numbers that this membership has not yet heard of.
 */
export type MemberStatus = 'live' | 'forgotten' | 'unknown'

/**
 * The zones of a world at one version of its range map: immutable. The map has one writer (the store), which
 * hands out zone numbers in increasing order and never again. So one number, `next`, tells a zone that was
 * forgotten from one that is new, and nothing has to be kept about those that are gone.
 *
 * A split makes a zone `appear`; a merge leaves one of the two to be forgotten once it has retired.
 */
export class Membership {
  static readonly none = new Membership(0, 0, new Set())

  /** Counts changes: a lower version is older. */
  readonly version: number
  /** Every zone below it exists or existed. */
  readonly next: ZoneId
  readonly #live: ReadonlySet<ZoneId>

  private constructor(version: number, next: ZoneId, live: ReadonlySet<ZoneId>) {
    this.version = version
    this.next = next
    this.#live = live
  }

  /** As stored. */
  static of(state: MembershipState): Membership {
    const live = new Set(state.live)
    for (const zone of live) {
      assertZone(zone)
      assert(zone < state.next, `zone ${zone} is alive, and ${state.next} is said to be the next one`)
    }
    return new Membership(state.version, state.next, live)
  }

  get state(): MembershipState {
    return { version: this.version, next: this.next, live: [...this.#live].sort((a, b) => a - b) }
  }

  get live(): Iterable<ZoneId> {
    return this.#live
  }

  status(zone: ZoneId): MemberStatus {
    if (this.#live.has(zone)) return 'live'
    return zone < this.next ? 'forgotten' : 'unknown'
  }

  /** With a zone that has never been. Its number is `next` or higher. */
  appear(zone: ZoneId): Membership {
    assertZone(zone)
    if (zone < this.next) {
      throw new TerraneError('zone_number_used', `Zone ${zone} exists or existed: the next number is ${this.next}.`, {
        hint: 'Numbers are never given twice: take the next one.',
      })
    }
    return new Membership(this.version + 1, zone + 1, new Set([...this.#live, zone]))
  }

  /**
   * Without a zone that has retired: allowed once every other live zone has delivered all that it sent. `reports`:
   * what each live zone has durably delivered, by sender; a zone without a report is not past anything. Ops *to* the
   * retired zone end with it: the others stop sending to it, and it retires when it has delivered what they sent.
   */
  forget(retired: Retirement, reports: ReadonlyMap<ZoneId, VClock>): Membership {
    assert(this.#live.has(retired.zone), `zone ${retired.zone} is not alive: it cannot be forgotten`)
    const behind = this.behind(retired, reports)
    if (behind.length > 0) {
      throw new TerraneError(
        'zone_still_needed',
        `Zone ${retired.zone} cannot be forgotten: zones ${behind.join(', ')} have not delivered all that it sent.`,
        { retry: 'later', hint: 'Let them pull from its log, then try again.' },
      )
    }
    const live = new Set(this.#live)
    live.delete(retired.zone)
    return new Membership(this.version + 1, this.next, live)
  }

  /** The live zones that are not yet past a retired one. */
  behind({ zone, sent }: Retirement, reports: ReadonlyMap<ZoneId, VClock>): ZoneId[] {
    return [...this.#live].filter((other) => {
      if (other === zone) return false
      const count = sent.get(other)
      return count > 0 && (reports.get(other)?.get(zone) ?? 0) < count
    })
  }

  /** The clock without zones that are forgotten. Compare clocks of other zones only after this. */
  prune(clock: VClock): VClock {
    return clock.filter((zone) => this.#live.has(zone) || zone >= this.next)
  }
}

export interface MembershipState {
  readonly version: number
  readonly next: ZoneId
  readonly live: readonly ZoneId[]
}

/** The last word of a zone: it sends nothing more. */
export interface Retirement {
  readonly zone: ZoneId
  /** How many ops it has sent to each zone; to everyone the same number where it broadcasts. */
  readonly sent: VClock
}
