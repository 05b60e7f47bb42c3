/**
 * Under npm one Ctrl-C arrives twice: the terminal signals the whole group, and npm passes the signal on.
 * What follows the first within this time is taken for an echo of it, not for impatience.
 */
const ECHO_MS = 1_000

export interface SignalHandlers {
  /** The first signal: end in order. */
  onFirst(signal: NodeJS.Signals): void
  /** A later one, on purpose: end now. */
  onAgain(signal: NodeJS.Signals): void
}

/** Returns a function that gives the signals their normal meaning back. */
export function handleSignals(handlers: SignalHandlers, now: () => number = () => performance.now()): () => void {
  let firstMs: number | undefined
  const receive = (signal: NodeJS.Signals): void => {
    if (firstMs === undefined) {
      firstMs = now()
      handlers.onFirst(signal)
    } else if (now() - firstMs > ECHO_MS) handlers.onAgain(signal)
  }
  // SIGHUP: the terminal was closed.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, receive)
  return () => {
    for (const signal of signals) process.off(signal, receive)
  }
}
