import { assert } from '@terrane/core'

/**
 * Where a connection stands:
 *
 *   authorizing  waits for a token
 *   opening      waits for the WebSocket
 *   joining      waits for the reply to phx_join
 *   online       inputs and state flow
 *   waiting      pauses before the next attempt
 *   closed       for good
 */
export type Phase = 'authorizing' | 'opening' | 'joining' | 'online' | 'waiting' | 'closed'

/** `lost` may be tried again, `refused` may not; `due`: the pause is over; `close`: the caller has had enough. */
export type Happening = 'authorized' | 'opened' | 'joined' | 'lost' | 'refused' | 'due' | 'close'

const BUG = undefined

/** Every phase × everything that can happen; BUG marks what the code must never let happen. */
export const PHASES: Readonly<Record<Phase, Readonly<Record<Happening, Phase | typeof BUG>>>> = {
  authorizing: {
    authorized: 'opening',
    opened: BUG,
    joined: BUG,
    lost: 'waiting',
    refused: 'closed',
    due: BUG,
    close: 'closed',
  },
  opening: {
    authorized: BUG,
    opened: 'joining',
    joined: BUG,
    lost: 'waiting',
    refused: 'closed',
    due: BUG,
    close: 'closed',
  },
  joining: {
    authorized: BUG,
    opened: BUG,
    joined: 'online',
    lost: 'waiting',
    refused: 'closed',
    due: BUG,
    close: 'closed',
  },
  online: {
    authorized: BUG,
    opened: BUG,
    joined: BUG,
    lost: 'waiting',
    refused: 'closed',
    due: BUG,
    close: 'closed',
  },
  waiting: {
    authorized: BUG,
    opened: BUG,
    joined: BUG,
    lost: BUG,
    refused: BUG,
    due: 'authorizing',
    close: 'closed',
  },
  closed: {
    authorized: BUG,
    opened: BUG,
    joined: BUG,
    lost: BUG,
    refused: BUG,
    due: BUG,
    close: 'closed',
  },
}

export function nextPhase(phase: Phase, happening: Happening): Phase {
  const next = PHASES[phase][happening]
  assert(next !== undefined, `"${happening}" cannot happen while the connection is ${phase}`)
  return next
}

/** What an application sees of the phases. */
export type Status = 'connecting' | 'online' | 'reconnecting' | 'closed'

export function statusOf(phase: Phase, wasOnline: boolean): Status {
  if (phase === 'online' || phase === 'closed') return phase
  return wasOnline ? 'reconnecting' : 'connecting'
}
