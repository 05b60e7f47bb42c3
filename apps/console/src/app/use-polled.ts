import { useCallback, useEffect, useState } from 'react'
import { failureOf } from '../live/input-feed.js'

export interface Polled<T> {
  readonly value: T | undefined
  /** Of the last attempt. */
  readonly problem: string | undefined
  /** Asks at once. */
  refresh(): void
}

/** Asks again and again while somebody looks. @param everyMs after an answer; undefined: not again. `ask` must be stable. */
export function usePolled<T>(ask: () => Promise<T>, everyMs: (value: T | undefined) => number | undefined): Polled<T> {
  const [value, setValue] = useState<T>()
  const [problem, setProblem] = useState<string>()
  const [round, setRound] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is there to begin anew; how often is asked when it is due
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let isGone = false
    const look = async () => {
      let got: T | undefined
      try {
        got = await ask()
        if (isGone) return
        setValue(got)
        setProblem(undefined)
      } catch (thrown) {
        if (isGone) return
        setProblem(failureOf(thrown).message)
      }
      const pauseMs = everyMs(got)
      if (pauseMs !== undefined) timer = setTimeout(look, pauseMs)
    }
    void look()
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [ask, round])
  const refresh = useCallback(() => setRound((current) => current + 1), [])
  return { value, problem, refresh }
}
