/**
 * The name of one claim, never given twice. It is a fencing token, not a secret: who completes a claim
 * must also be the node that holds it.
 */
export interface ClaimToken {
  /** Of the runtime that gave it: tokens from before a restart mean nothing after it. */
  readonly epoch: number
  /** Claims are numbered in the order in which they are given. */
  readonly sequence: number
  /** Where the claim stands in the table. */
  readonly slot: number
}

export function formatToken(epoch: number, sequence: number, slot: number): string {
  return `${epoch}.${sequence}.${slot}`
}

/** Undefined for anything that `formatToken` does not write. */
export function parseToken(text: string): ClaimToken | undefined {
  const first = text.indexOf('.')
  const second = text.indexOf('.', first + 1)
  if (first < 1 || second < 0 || text.length > TOKEN_LENGTH_MAX) return undefined
  const epoch = Number(text.slice(0, first))
  const sequence = Number(text.slice(first + 1, second))
  const slot = Number(text.slice(second + 1))
  const valid = Number.isSafeInteger(epoch) && Number.isSafeInteger(sequence) && Number.isSafeInteger(slot)
  return valid && sequence >= 0 && slot >= 0 ? { epoch, sequence, slot } : undefined
}

/** Three whole numbers of at most 16 digits, and two dots. */
const TOKEN_LENGTH_MAX = 50
