/**
 * Thrown to roll a transaction back and tell the player why. Not an Error: no stack is taken, since
 * rejections are ordinary and frequent.
 */
export class Rejection {
  readonly code: string
  readonly message: string

  constructor(code: string, message: string) {
    this.code = code
    this.message = message
  }
}

export function rejection(code: string, message: string): Rejection {
  return new Rejection(code, message)
}
