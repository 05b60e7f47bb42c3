import type { ZoneId } from './counts.js'
import type { VClock } from './vclock.js'

/**
 * A read-only copy of an entity that another zone owns. Whatever is replicated (a position, a score) is in
 * `state`; `sentAt` is the author's clock when it sent the copy.
 */
export interface RelReplica<State> {
  readonly entity: string
  readonly author: ZoneId
  /** Where it is, as a Hilbert code; who sees it depends on that. */
  readonly code: number
  readonly state: State
  readonly sentAt: VClock
}

/**
 * Whether we know, causally, of something newer from `author` than the copy: no wall clock is asked. A zone that
 * hears nothing from the author holds no copy for stale.
 */
export function stale(replica: RelReplica<unknown>, localClock: VClock, author: ZoneId): boolean {
  return replica.sentAt.get(author) < localClock.get(author)
}
