import { useEffect, useReducer } from 'react'

/** Renders again and again: for what changes many times a second and is read as it is then. */
export function usePulse(everyMs: number): void {
  const [, render] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    const timer = setInterval(render, everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
}
