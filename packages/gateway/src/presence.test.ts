import { decodeText } from '@terrane/protocol'
import { SimulatedTime } from '@terrane/testing'
import { expect, test } from 'vitest'
import { resolveLimits } from './limits.js'
import { PresenceTopics } from './presence.js'

class Guest {
  readonly player: string
  readonly received: { event: string; payload: unknown }[] = []
  bytes = 0
  slow = false

  constructor(player: string) {
    this.player = player
  }

  send(frame: Buffer): void {
    this.bytes += frame.length
    // The length of the WebSocket header depends on the frame's; the text begins at its bracket.
    const message = decodeText(frame.subarray(frame.indexOf('[')).toString())
    if (message !== undefined) this.received.push({ event: message.event, payload: message.payload })
  }

  congested(): boolean {
    return this.slow
  }
}

function setUp(limits = {}) {
  const time = new SimulatedTime()
  return { time, presence: new PresenceTopics(time, time, () => 0.5, resolveLimits(limits)) }
}

test('who comes gets the list, who was there gets a diff', async () => {
  const { time, presence } = setUp()
  const [ada, bob] = [new Guest('ada'), new Guest('bob')]
  presence.enter(presence.member('zone:main', ada, 'tab1'))
  await time.advance(200)
  const bobs = presence.member('zone:main', bob, 'main')
  presence.enter(bobs)
  await time.advance(200)
  presence.leave(bobs)
  await time.advance(200)
  const meta = (client: string) => ({ metas: [{ phx_ref: expect.any(String), online_at: expect.any(Number), client }] })
  expect(ada.received).toEqual([
    { event: 'presence_state', payload: { ada: meta('tab1') } },
    { event: 'presence_diff', payload: { joins: { bob: meta('main') }, leaves: {} } },
    { event: 'presence_diff', payload: { joins: {}, leaves: { bob: meta('main') } } },
  ])
  expect(bob.received).toEqual([{ event: 'presence_state', payload: { ada: meta('tab1'), bob: meta('main') } }])
})

test('diffs are gathered: ten a second at most, and who came and went in between is not mentioned', async () => {
  const { time, presence } = setUp()
  const ada = new Guest('ada')
  presence.enter(presence.member('zone:main', ada, 'main'))
  await time.advance(1_000)
  ada.received.length = 0
  for (let i = 0; i < 100; i++) {
    const member = presence.member('zone:main', new Guest(`p${i}`), 'main')
    presence.enter(member)
    if (i % 2 === 0) presence.leave(member)
    await time.advance(10)
  }
  await time.advance(100)
  expect(ada.received.length).toBeLessThanOrEqual(11)
  const joined = ada.received.flatMap((each) => Object.keys((each.payload as { joins: object }).joins))
  expect(joined).toHaveLength(50)
})

test('a storm of joins costs one list per period and newcomer', async () => {
  const { time, presence } = setUp()
  const guests = Array.from({ length: 500 }, (_, i) => new Guest(`p${i}`))
  for (const guest of guests) presence.enter(presence.member('zone:main', guest, 'main'))
  await time.advance(1_000)
  expect(guests.every((guest) => guest.received.length === 1)).toBe(true)
})

test('who is too slow for diffs gets the list when it can take it', async () => {
  const { time, presence } = setUp()
  const ada = new Guest('ada')
  presence.enter(presence.member('zone:main', ada, 'main'))
  await time.advance(200)
  ada.slow = true
  presence.enter(presence.member('zone:main', new Guest('bob'), 'main'))
  await time.advance(1_000)
  expect(ada.received).toHaveLength(1)
  ada.slow = false
  await time.advance(1_000)
  expect(ada.received.map((each) => each.event)).toEqual(['presence_state', 'presence_state'])
  expect(Object.keys(ada.received[1]?.payload as object)).toEqual(['ada', 'bob'])
})

test('the list is bounded; who comes beyond takes part unlisted', async () => {
  const { time, presence } = setUp({ presenceMetasMax: 2 })
  const guests = ['a', 'b', 'c'].map((player) => new Guest(player))
  const members = guests.map((guest) => presence.member('zone:main', guest, 'main'))
  for (const member of members) presence.enter(member)
  await time.advance(200)
  expect(Object.keys(guests[2]?.received[0]?.payload as object)).toEqual(['a', 'b'])
  for (const member of members) presence.leave(member)
  await time.advance(200)
})

test('two clients of one player are two metas of one entry', async () => {
  const { time, presence } = setUp()
  const ada = new Guest('ada')
  const second = presence.member('zone:main', new Guest('ada'), 'tab2')
  presence.enter(presence.member('zone:main', ada, 'tab1'))
  presence.enter(second)
  await time.advance(200)
  presence.leave(second)
  await time.advance(200)
  expect(ada.received[0]?.payload).toMatchObject({ ada: { metas: [{ client: 'tab1' }, { client: 'tab2' }] } })
  expect(ada.received[1]?.payload).toMatchObject({ leaves: { ada: { metas: [{ client: 'tab2' }] } } })
})
