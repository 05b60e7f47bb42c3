/** Calls `work` so many times a second, without drift, until what comes back is called. Missed beats are skipped. */
export function beat(hz: number, work: () => void): () => void {
  const periodMs = 1_000 / hz
  let next = performance.now() + periodMs
  let timer = setTimeout(run, periodMs)
  function run() {
    const now = performance.now()
    next = Math.max(next + periodMs, now)
    timer = setTimeout(run, next - now)
    work()
  }
  return () => clearTimeout(timer)
}
