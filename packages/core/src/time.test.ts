import { expect, test } from 'vitest'
import { inTime, type Timers } from './time.js'

/** Timers that go off when told to. */
function timersByHand() {
  const due = new Set<() => void>()
  const timers: Timers = {
    after(_, work) {
      due.add(work)
      return { cancel: () => void due.delete(work) }
    },
    soon: (work) => work(),
    next: (work) => work(),
  }
  return { timers, due }
}

const late = () => new Error('too late')

test('work in time is given as it is, and leaves no timer behind', async () => {
  const { timers, due } = timersByHand()
  expect(await inTime(timers, 1_000, Promise.resolve('done'), late)).toBe('done')
  await expect(inTime(timers, 1_000, Promise.reject(new Error('failed')), late)).rejects.toThrow('failed')
  expect(due.size).toBe(0)
})

test('work that takes too long is not waited for', async () => {
  const { timers, due } = timersByHand()
  const waiting = inTime(timers, 1_000, new Promise(() => {}), late)
  for (const goOff of due) goOff()
  await expect(waiting).rejects.toThrow('too late')
})
