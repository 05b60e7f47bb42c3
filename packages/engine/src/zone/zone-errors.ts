import { messageOf, TerraneError } from '@terrane/core'
import { type WireError, wireError } from '@terrane/protocol'
import type { ZoneState } from './zone-state.js'

/** A refusal that clients are told as it is. */
class ZoneUnavailable extends TerraneError {
  readonly wire: WireError

  constructor(wire: WireError) {
    super(wire.code, wire.message, { retry: wire.retry })
    this.wire = wire
  }
}

/** Why a zone in this state takes nothing. */
export function unavailable(state: ZoneState): ZoneUnavailable {
  if (state === 'closed') return new ZoneUnavailable(wireError('zone_moved'))
  return new ZoneUnavailable(wireError(state === 'draining' ? 'draining' : 'zone_unavailable'))
}

export function initFailed(
  zone: string,
  outcome: { rejection: { message: string } } | { failure: unknown },
): TerraneError {
  const why = 'rejection' in outcome ? outcome.rejection.message : messageOf(outcome.failure)
  return new TerraneError('world_error', `the world's init failed in zone ${zone}: ${why}`, {
    hint: 'Nothing was written. Mend init and start again.',
    cause: 'failure' in outcome ? outcome.failure : undefined,
  })
}
