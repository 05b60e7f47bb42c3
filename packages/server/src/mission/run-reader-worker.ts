import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { sleep, systemTimers } from '@terrane/core'
import { type ConnectionSettings, type Session, withConnection } from '@terrane/store-postgres'
import type { RunRequest, SeenRun } from './run-reader.js'

/** Looks for runs on a connection of its own, on a thread of its own: those who play must not delay who takes the time. */

/** When to begin to look, before the runs can be there, ms. */
const EARLY_MS = 40
/** Between two looks. The database is the server's, and must not be busy with us. */
const LOOK_EVERY_MS = 1

const port = parentPort as MessagePort

await withConnection(workerData as ConnectionSettings, 'mission', async (session) => {
  await new Promise<void>((resolve, reject) => {
    port.on('message', (request: RunRequest | 'end') => {
      if (request === 'end') resolve()
      else look(session, request).then((seen) => port.postMessage(seen), reject)
    })
  })
})
// Ends this thread alone, also one that waits for the end of a mission that nobody plays any more.
process.exit()

/** The clock is that of the server: they are on one machine. A run is seen when the answer that holds it has arrived. */
async function look(session: Session, { sql, ids, fromMs, lostMs }: RunRequest): Promise<SeenRun[]> {
  await sleep(systemTimers, Math.max(0, fromMs - EARLY_MS - Date.now()))
  const seen = new Map<string, SeenRun>()
  while (seen.size < ids.length && Date.now() < lostMs) {
    const { rows } = await session.query(sql, [ids])
    const now = performance.timeOrigin + performance.now()
    for (const [id, cores, endedAt] of rows) {
      if (!seen.has(id as string)) seen.set(id as string, { visibleMs: now - Number(endedAt), cores: Number(cores) })
    }
    await sleep(systemTimers, LOOK_EVERY_MS)
  }
  return [...seen.values()]
}
