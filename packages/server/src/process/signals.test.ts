import { expect, onTestFinished, test } from 'vitest'
import { handleSignals } from './signals.js'

test('an echo of the first signal is not a second one', () => {
  const calls: string[] = []
  let nowMs = 0
  const release = handleSignals(
    { onFirst: (signal) => calls.push(`first ${signal}`), onAgain: (signal) => calls.push(`again ${signal}`) },
    () => nowMs,
  )
  onTestFinished(release)
  process.emit('SIGINT', 'SIGINT')
  process.emit('SIGINT', 'SIGINT')
  nowMs = 900
  process.emit('SIGTERM', 'SIGTERM')
  expect(calls).toEqual(['first SIGINT'])
  nowMs = 2_000
  process.emit('SIGINT', 'SIGINT')
  expect(calls).toEqual(['first SIGINT', 'again SIGINT'])
})
