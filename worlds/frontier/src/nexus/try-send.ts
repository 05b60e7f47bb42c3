import type { Tx } from '../kinds.js'

/**
 * Sends what may as well be sent the next time. False when it could not be: too much is on its way to that zone,
 * which must not keep a player from coming in, or the other regions from being asked.
 */
export function trySend(tx: Tx, ...[zone, op, args]: Parameters<Tx['send']>): boolean {
  try {
    tx.send(zone, op, args)
    return true
  } catch (thrown) {
    // Refusals are no errors; bugs are.
    if (thrown instanceof Error) throw thrown
    return false
  }
}
