import { useSyncExternalStore } from 'react'

/** Narrower than this, panels move into a sheet at the bottom. */
export const NARROW = '(max-width: 820px)'

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (onChange) => {
      const list = window.matchMedia(query)
      list.addEventListener('change', onChange)
      return () => list.removeEventListener('change', onChange)
    },
    () => window.matchMedia(query).matches,
  )
}

/** A clock that ticks while it is looked at. */
export function subscribeEvery(ms: number): (onChange: () => void) => () => void {
  return (onChange) => {
    const timer = setInterval(onChange, ms)
    return () => clearInterval(timer)
  }
}
