import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CausalMailbox } from '../delivery/causal-mailbox.js'
import { Membership } from '../delivery/membership.js'
import { type RelReplica, stale } from './replica.js'
import { VClock } from './vclock.js'

const clock = fc
  .uniqueArray(fc.tuple(fc.nat(3), fc.nat(3)), { selector: ([zone]) => zone })
  .map((entries) => VClock.of(entries))
const replicaAt = (sentAt: VClock): RelReplica<number> => ({ entity: 'core-1', author: 1, code: 0, state: 5, sentAt })

it('is stale exactly when the local clock knows more events of the author', () => {
  fc.assert(
    fc.property(clock, clock, fc.nat(3), (sentAt, local, author) => {
      expect(stale(replicaAt(sentAt), local, author)).toBe(sentAt.get(author) < local.get(author))
      expect(stale(replicaAt(sentAt), sentAt, author)).toBe(false)
    }),
  )
})

it('becomes stale when news of a later version arrives, even through a third zone', () => {
  const members = Membership.of({ version: 1, next: 4, live: [1, 2, 3] })
  const [author, third, reader] = [1, 2, 3].map((zone) =>
    CausalMailbox.open<string>(zone, members, { entriesMax: 8, bytesMax: 100 }),
  ) as [CausalMailbox<string>, CausalMailbox<string>, CausalMailbox<string>]
  const replica = replicaAt(author.tick())
  expect(stale(replica, reader.clock, 1)).toBe(false)
  author.tick()
  expect(stale(replica, reader.clock, 1)).toBe(false)
  third.receive(author.send(2, 'it changed', 1))
  reader.receive(third.send(3, 'they say it changed', 1))
  expect(stale(replica, reader.clock, 1)).toBe(true)
  expect(stale(replicaAt(author.clock), reader.clock, 1)).toBe(false)
})
