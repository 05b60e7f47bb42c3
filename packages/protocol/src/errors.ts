import type { Retry } from '@terrane/core'

/**
 * Every error that a client can meet, closed and documented. `retry: later` means that the same
 * request may work after a pause; `never` means that it must change first. `closes` marks those after
 * which the server ends the connection, with this WebSocket close code.
 *
 * World code adds its own codes through `tx.reject(code, …)`; these are always `never`.
 */
export const ERRORS = {
  malformed: { retry: 'never', closes: 4000, text: 'the frame is not a Phoenix V2 message' },
  oversized: { retry: 'never', closes: 1009, text: 'the frame is larger than the limit' },
  unauthorized: { retry: 'never', closes: 4001, text: 'the token is missing, expired or not valid' },
  auth_unavailable: { retry: 'later', closes: 1013, text: 'tokens cannot be checked now' },
  forbidden: { retry: 'never', text: 'this player may not do that' },
  unknown_topic: { retry: 'never', text: 'no such topic' },
  unknown_event: { retry: 'never', text: 'no such event on this topic' },
  unknown_input: { retry: 'never', text: 'the world has no input of that name' },
  not_joined: { retry: 'never', text: 'join the topic first' },
  invalid_args: { retry: 'never', text: 'the arguments do not match the schema' },
  input_gap: { retry: 'never', closes: 4002, text: 'an input number was left out' },
  rate_limited: { retry: 'later', text: 'more inputs per second than the limit' },
  flooding: { retry: 'later', closes: 4003, text: 'kept sending far above the rate limit' },
  too_slow: { retry: 'later', closes: 4004, text: 'did not read what was sent to it' },
  zone_unavailable: { retry: 'later', text: 'the zone cannot take inputs now; nothing was lost' },
  zone_moved: { retry: 'later', closes: 4005, text: 'the zone is now served elsewhere; connect again' },
  replaced: { retry: 'never', closes: 4006, text: 'the same client connected a second time' },
  draining: { retry: 'later', closes: 1012, text: 'the server is going down; connect again' },
  full: { retry: 'later', closes: 1013, text: 'the server has reached its connection limit' },
  silent: { retry: 'later', closes: 4007, text: 'no heartbeat arrived in time' },
  not_found: { retry: 'never', text: 'no such row' },
  duplicate: { retry: 'never', text: 'a row with this key or unique value exists' },
  world_error: { retry: 'never', text: 'the world code failed; the input was rolled back' },
} as const satisfies Record<string, { retry: Retry; closes?: number; text: string }>

export type ErrorKind = keyof typeof ERRORS

/** An error as it travels. */
export interface WireError {
  readonly code: string
  readonly message: string
  readonly retry: Retry
}

export function wireError(kind: ErrorKind, message: string = ERRORS[kind].text): WireError {
  return { code: kind, message, retry: ERRORS[kind].retry }
}
