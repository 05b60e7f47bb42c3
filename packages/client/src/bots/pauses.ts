/** Resolves after `ms`, or at once when the signal fires. Leaves nothing behind. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}

/** The promise's outcome; or nothing, as soon as the signal fires. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) resolve(undefined)
    const aborted = () => resolve(undefined)
    signal.addEventListener('abort', aborted)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted))
  })
}
