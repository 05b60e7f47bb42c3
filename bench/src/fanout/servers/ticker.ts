import { performance } from 'node:perf_hooks'

export interface Ticker {
  stop(): void
}

/**
 * Calls `onSlot(0)` … `onSlot(slots - 1)` `hz` times a second each, spread evenly over the period,
 * on an absolute schedule: a late timer does not make the rate drift, as setInterval's would. A server
 * that falls behind by more than a period loses ticks (and delivers less than nominal) instead of
 * queueing them.
 */
export function startTicker(hz: number, slots: number, onSlot: (slot: number) => void): Ticker {
  const stepMs = 1000 / hz / slots
  const startMs = performance.now()
  let next = 0
  let timer: NodeJS.Timeout
  const run = (): void => {
    const due = Math.floor((performance.now() - startMs) / stepMs)
    if (due - next >= slots) next = due - slots + 1
    while (next <= due) onSlot(next++ % slots)
    timer = setTimeout(run, startMs + next * stepMs - performance.now())
  }
  timer = setTimeout(run, 0)
  return { stop: () => clearTimeout(timer) }
}
