/**
 * Thrown to roll a transaction back and tell the player why. Not an Error: no stack is taken, since
 * rejections are ordinary and frequent.
 */
export class Rejection {
  readonly code: string
  readonly message: string
  /** Whether the same may succeed later. */
  readonly retry: 'never' | 'later'

  constructor(code: string, message: string, retry: 'never' | 'later') {
    this.code = code
    this.message = message
    this.retry = retry
  }
}

export function rejection(code: string, message: string, retry: 'never' | 'later' = 'never'): Rejection {
  return new Rejection(code, message, retry)
}
