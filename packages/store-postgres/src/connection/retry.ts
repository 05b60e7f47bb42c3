import { backoffMs, sleep, systemTimers } from '@terrane/core'
import { isRetryable, storeErrorOf } from '../errors.js'
import type { Session } from './session.js'

/** Attempts of a transaction that the database asks to repeat (40001, 40P01) before the caller hears of it. */
const ATTEMPTS_MAX = 6
const BACKOFF_BASE_MS = 5
const BACKOFF_CAP_MS = 250

/** Runs `work`, again when the database asks for it; throws the port's errors. */
export async function runRetrying<T>(call: string, session: Session, work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    session.mayHaveCommitted = false
    try {
      return await work()
    } catch (error) {
      if (!isRetryable(error) || attempt + 1 >= ATTEMPTS_MAX) throw storeErrorOf(error, call, session.mayHaveCommitted)
    }
    await sleep(systemTimers, backoffMs(attempt, Math.random, BACKOFF_BASE_MS, BACKOFF_CAP_MS))
  }
}
