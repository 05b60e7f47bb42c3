import { Prng, systemClock, systemTimers } from '@terrane/core'
import { expect, test } from 'vitest'
import type { CommitLog, LogAppend } from '../ports/store.js'
import { type CommitSource, Committer } from './committer.js'

test('what a commit sets free joins the next one, although others wait for it already', async () => {
  const appends: string[][] = []
  const log = {
    async append(entries: readonly LogAppend[]) {
      appends.push(entries.map(({ zone }) => zone))
      // Somebody has something to commit while the database works.
      if (appends.length === 1) busy.change()
      return entries.map(() => 'committed' as const)
    },
  } as unknown as CommitLog
  const committer = new Committer({
    log,
    clock: systemClock,
    timers: systemTimers,
    random: new Prng('test'),
    stallAfterMs: 1_000,
  })
  const receiver = sourceOf('receiver')
  const busy = sourceOf('busy')
  // Ops travel between the zones of a process when their sender is done.
  const sender = sourceOf('sender', () => systemTimers.next(() => receiver.change()))
  function sourceOf(id: string, committed = () => {}): CommitSource & { change(): void } {
    let seq = 0
    let isChanged = false
    return {
      id,
      change() {
        isChanged = true
        committer.request(this)
      },
      seal() {
        if (!isChanged) return undefined
        isChanged = false
        return { zone: id, seq: ++seq, epoch: 1, payload: Uint8Array.of() }
      },
      committed,
      fenced: () => expect.unreachable(),
      refused: () => expect.unreachable(),
      stalled: () => expect.unreachable(),
    }
  }
  sender.change()
  await expect.poll(() => appends.length).toBe(2)
  expect(appends).toEqual([['sender'], ['busy', 'receiver']])
})
