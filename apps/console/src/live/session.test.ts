import { expect, test } from 'vitest'
import { Store } from '../app/store.js'
import type { LinkStatus, LiveLink } from './live-link.js'
import { type Entry, Session } from './session.js'

class FakeLink implements LiveLink {
  readonly status = new Store<LinkStatus>({
    state: 'connecting',
    reason: undefined,
    code: undefined,
    retryAtMs: undefined,
  })
  readonly player = new Store<string | undefined>(undefined)
  readonly plays = new Store(false)
  readonly entry: Entry
  readonly zone: string | undefined
  closed = false

  constructor(entry: Entry, zone: string | undefined) {
    this.entry = entry
    this.zone = zone
  }

  become(state: LinkStatus['state'], code?: string): void {
    this.status.set({ state, reason: code, code, retryAtMs: undefined })
  }

  row = () => undefined
  rows = () => []
  count = () => 0
  onChange = () => () => {}
  onFrame = () => () => {}
  now = () => 0
  send = () => ({ applied: Promise.resolve(), durable: Promise.resolve() })
  close = () => {
    this.closed = true
  }
}

function begin(guests = true) {
  const links: FakeLink[] = []
  const session = new Session((entry, zone) => {
    const link = new FakeLink(entry, zone)
    links.push(link)
    return link
  }, guests)
  session.watch()
  return { session, links }
}

test('who watches plays over the same connection', async () => {
  const { session, links } = begin()
  expect(session.identity.get().state).toBe('watching')
  const playing = session.play()
  expect(session.identity.get().state).toBe('joining')
  links[0]?.become('online')
  expect(await playing).toBe(true)
  expect(links).toHaveLength(1)
  expect(links[0]?.plays.get()).toBe(true)
  expect(session.identity.get().state).toBe('playing')
})

test('without guests there is nothing to watch, and a token is asked for', async () => {
  const { session, links } = begin(false)
  expect(links).toHaveLength(0)
  expect(session.identity.get()).toMatchObject({ state: 'refused', needsToken: true })
  const playing = session.play('a.b.c')
  expect(links[0]?.entry).toEqual({ as: 'holder', token: 'a.b.c' })
  links[0]?.become('online')
  expect(await playing).toBe(true)
  expect(session.link.get()).toBe(links[0])
})

test('a token that is refused leaves what is shown as it was', async () => {
  const { session, links } = begin()
  links[0]?.become('online')
  const playing = session.play('forged')
  links[1]?.become('closed', 'unauthorized')
  expect(await playing).toBe(false)
  expect(session.link.get()).toBe(links[0])
  expect(links[1]?.closed).toBe(true)
  expect(session.identity.get()).toMatchObject({ state: 'refused', needsToken: true })
})

test('another zone is opened as the same person', async () => {
  const { session, links } = begin()
  session.beside('next-door')
  expect(links[1]).toMatchObject({ entry: { as: 'guest' }, zone: 'next-door' })
  const playing = session.play('a token')
  links[2]?.become('online')
  await playing
  session.beside('next-door')
  expect(links[3]).toMatchObject({ entry: { as: 'holder', token: 'a token' }, zone: 'next-door' })
})
