import type { ServerStats } from '@terrane/protocol'

/** An op that waits for so long, ms, found its receiver away or too slow. */
const OLD_MS = 10_000

/** `bad`: ops died, somebody has to look at them. `warn`: an op has been waiting for its receipt for too long. */
export function opsLevel({ zones }: Pick<ServerStats, 'zones'>): 'bad' | 'warn' | undefined {
  if (zones.some(({ ops }) => ops.deadLetters > 0)) return 'bad'
  return zones.some(({ ops }) => ops.outbox > 0 && ops.oldestMs > OLD_MS) ? 'warn' : undefined
}
