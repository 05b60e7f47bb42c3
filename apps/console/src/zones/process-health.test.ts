import { expect, test } from 'vitest'
import { holderName, processLevel } from './process-health.js'

const HELD = { zone: 'east', owner: 'alpha/1a2b3c4d:4711:88', isOwn: false, isLate: false, epoch: 3 }
const WELL = { isBusUp: true, dropped: 0, holders: [HELD], followed: [] }

test('a zone without an owner is worse than a bus that is away', () => {
  expect(processLevel(WELL)).toBeUndefined()
  expect(processLevel({ ...WELL, isBusUp: false })).toBe('warn')
  expect(processLevel({ ...WELL, isBusUp: false, holders: [HELD, { ...HELD, isLate: true }] })).toBe('bad')
})

test.each([
  [HELD, 'process 4711 on alpha'],
  [{ ...HELD, isOwn: true }, 'this process'],
  [{ ...HELD, isOwn: true, isLate: true }, 'nobody: the lease has ended'],
  [{ ...HELD, owner: 'by another scheme' }, 'by another scheme'],
])('the holder %o is shown as "%s"', (holder, name) => {
  expect(holderName(holder)).toBe(name)
})
