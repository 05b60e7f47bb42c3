import { expect, test } from 'vitest'
import type { FleetNode } from '../jobs/jobs-api.js'
import { heldText, speedText, stateText, trustText } from './fleet.js'

const NODE: FleetNode = {
  publicKey: 'k',
  userId: 'ada',
  name: 'tower',
  totalCores: 8,
  maxParallel: 4,
  platform: 'linux',
  version: '0.1.0',
  status: 'online',
  createdAt: 0,
  lastSeenAt: 0,
  share: { friends: false, public: false, guilds: [] },
  confirmations: 3,
}
const activity = { chunks: [], unitsPerSecond: 1_250 }

test('a node that has not spoken to this server says nothing about what it does', () => {
  expect([stateText(NODE), speedText(NODE), heldText(NODE)]).toEqual(['online', '–', '–'])
  expect([speedText({ ...NODE, activity }), heldText({ ...NODE, activity })]).toEqual(['1250/s a core', 'nothing'])
})

test('what a node has is counted over its jobs', () => {
  const held = (...counts: number[]) =>
    heldText({ ...NODE, activity: { chunks: counts.map((count, i) => ({ jobId: String(i), count })) } })
  expect([held(1), held(3), held(2, 3)]).toEqual(['1 chunk of 1 job', '3 chunks of 1 job', '5 chunks of 2 jobs'])
})

test('what somebody may want to do something about is said first', () => {
  expect(stateText({ ...NODE, pausedBy: 'owner' })).toBe('online, paused')
  expect(stateText({ ...NODE, status: 'offline', pausedBy: 'operator' })).toBe('offline, paused by an operator')
  expect(stateText({ ...NODE, pausedBy: 'owner', activity: { chunks: [], outdated: 'old' } })).toBe('needs its update')
  expect([trustText(NODE), trustText({ ...NODE, distrust: 'it lied' })]).toEqual(['3 confirmed', 'has lied'])
})
