import { useSyncExternalStore } from 'react'
import { subscribeEvery } from './use-media.js'

const everySecond = subscribeEvery(1_000)

/** Whole seconds of the page's monotonic clock; renders once a second. */
export function useSeconds(): number {
  return useSyncExternalStore(everySecond, () => Math.floor(performance.now() / 1000))
}
