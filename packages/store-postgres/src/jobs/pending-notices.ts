import { backoffMs, sleep, systemTimers } from '@terrane/core'
import { DatabaseClient } from '../connection/client.js'
import type { ConnectionSettings } from '../connection/settings.js'

/** Notices that come together are one hint. */
const DEBOUNCE_MS = 50
const RECONNECT_MS = { base: 500, cap: 30_000 }

export interface PendingNotices {
  close(): Promise<void>
}

/**
 * Calls `onPending` after jobs were inserted, and each time that the connection stands (again), because nobody keeps
 * notices for who is away. PostgreSQL only: CockroachDB has no LISTEN. A hint: the sweep does not rest on it.
 */
export function listenForPendingJobs(settings: ConnectionSettings, onPending: () => void): PendingNotices {
  let isClosed = false
  let client: DatabaseClient | undefined
  let isDue = false
  const soon = () => {
    if (isDue) return
    isDue = true
    systemTimers.after(DEBOUNCE_MS, () => {
      isDue = false
      if (!isClosed) onPending()
    })
  }
  const listen = async (): Promise<void> => {
    for (let attempt = 0; !isClosed; attempt++) {
      // Its statement waits for ever, so no time-out may end it.
      const current = new DatabaseClient(settings, { statementTimeoutMs: 0 })
      client = current
      const ended = new Promise<void>((resolve) => {
        current.on('error', () => resolve())
        current.on('end', () => resolve())
      })
      try {
        await current.connect()
        current.on('notification', soon)
        await current.query('LISTEN pending_job')
        attempt = 0
        soon()
        await ended
      } catch {
        current.abandon()
      }
      if (!isClosed) await sleep(systemTimers, backoffMs(attempt, Math.random, RECONNECT_MS.base, RECONNECT_MS.cap))
    }
  }
  const listening = listen()
  return {
    async close() {
      isClosed = true
      client?.abandon()
      // A sleep between two attempts is not worth waiting for.
      await Promise.race([listening, Promise.resolve()])
    },
  }
}
