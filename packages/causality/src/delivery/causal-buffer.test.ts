import { AssertionError, ByteReader, ByteWriter } from '@terrane/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VClock } from '../clock/vclock.js'
import { CausalBroadcast } from './causal-broadcast.js'
import { CausalBuffer, type Deliverable } from './causal-buffer.js'
import { CausalMailbox, type OpStamp, readStamp, writeStamp } from './causal-mailbox.js'
import { Membership } from './membership.js'

const SELF = 9
const MEMBERS = Membership.of({ version: 1, next: 10, live: [1, 2, 3, SELF] })
const LIMITS = { entriesMax: 100, bytesMax: 10_000 }

function op(sender: number, number: number, after: [number, number][] = [], size = 10): Deliverable {
  return { sender, number, after: VClock.of(after), size }
}

function buffer(limits = LIMITS) {
  return new CausalBuffer<Deliverable>(SELF, MEMBERS, limits)
}

describe('offer', () => {
  it('delivers what is next, keeps what is early, and lets it go in order', () => {
    const b = buffer()
    const [first, second, third, other] = [op(1, 1), op(1, 2, [[2, 1]]), op(1, 3), op(2, 1, [[3, 1]])]
    expect(b.offer(third)).toEqual({ kind: 'buffered' })
    expect(b.offer(second)).toEqual({ kind: 'buffered' })
    expect(b.offer(other)).toEqual({ kind: 'buffered' })
    expect(b.offer(first)).toEqual({ kind: 'delivered', ops: [first] })
    const last = op(3, 1)
    expect(b.offer(last)).toEqual({ kind: 'delivered', ops: [last, other, second, third] })
    expect([b.entries, b.bytes]).toEqual([0, 0])
    expect(String(b.delivered)).toBe('{1:3 2:1 3:1}')
  })

  it('recognises repetitions of what is kept and of what was delivered, however long ago', () => {
    const b = buffer()
    b.offer(op(1, 2))
    expect(b.offer(op(1, 2)).kind).toBe('duplicate')
    for (let number = 1; number <= 1000; number++) b.offer(op(1, number))
    expect(b.offer(op(1, 1)).kind).toBe('duplicate')
    expect(b.counters).toMatchObject({ delivered: 1000, duplicates: 3 })
  })

  it('refuses what does not belong here, each for its reason', () => {
    const b = buffer()
    expect(b.offer(op(SELF, 1))).toEqual({ kind: 'refused', reason: 'own_op' })
    expect(b.offer(op(10, 1))).toEqual({ kind: 'refused', reason: 'unknown_sender' })
    expect(b.offer(op(4, 1))).toEqual({ kind: 'refused', reason: 'forgotten_sender' })
    expect(b.offer({ ...op(1, 1), destination: 2 })).toEqual({ kind: 'refused', reason: 'wrong_destination' })
    for (const number of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
      expect(b.offer(op(1, number))).toEqual({ kind: 'refused', reason: 'bad_number' })
    }
    expect(b.counters).toMatchObject({ refused: 9, delivered: 0 })
  })

  it('tells the sender when there is no room, and takes what is next all the same', () => {
    const few = buffer({ entriesMax: 2, bytesMax: 10_000 })
    few.offer(op(1, 3))
    few.offer(op(1, 4))
    expect(few.offer(op(1, 5))).toEqual({ kind: 'refused', reason: 'overflow_entries' })
    expect(few.offer(op(1, 1)).kind).toBe('delivered')
    expect(few.offer(op(1, 2))).toMatchObject({ kind: 'delivered', ops: { length: 3 } })
    expect(few.offer(op(1, 5)).kind).toBe('delivered')

    const small = buffer({ entriesMax: 100, bytesMax: 25 })
    small.offer(op(1, 2))
    expect(small.offer(op(1, 3, [], 16))).toEqual({ kind: 'refused', reason: 'overflow_bytes' })
    expect(small.offer(op(1, 3, [], 15))).toEqual({ kind: 'buffered' })
    expect(small.counters).toMatchObject({ entriesHigh: 2, bytesHigh: 25, refused: 1 })
  })
})

/** Ops in any order, many of them early: up to five of each sender, waiting for a few of the others. */
const arrivals = fc.array(
  fc.record({
    sender: fc.constantFrom(1, 2, 3),
    number: fc.integer({ min: 1, max: 5 }),
    after: fc.uniqueArray(fc.tuple(fc.constantFrom(1, 2, 3), fc.integer({ min: 1, max: 3 })), {
      selector: ([zone]) => zone,
    }),
  }),
  { maxLength: 30 },
)

describe('gaps', () => {
  it('names exactly what kept ops wait for and nobody has brought', () => {
    fc.assert(
      fc.property(arrivals, (all) => {
        const b = buffer()
        for (const { sender, number, after } of all) b.offer(op(sender, number, after))
        const { kept, delivered } = b.snapshot()
        const missing = new Set<string>()
        const lacks = (zone: number, upTo: number) => {
          for (let number = delivered.get(zone) + 1; number <= upTo; number++) {
            if (!kept.some((each) => each.sender === zone && each.number === number)) missing.add(`${zone}/${number}`)
          }
        }
        for (const { sender, number, after } of kept) {
          lacks(sender, number - 1)
          for (const [zone, count] of after) if (zone !== sender) lacks(zone, count)
        }
        const named = b.gaps().flatMap(({ sender, from, to }) => {
          return Array.from({ length: to - from + 1 }, (_, i) => `${sender}/${from + i}`)
        })
        expect(named.sort()).toEqual([...missing].sort())
      }),
    )
    const b = buffer()
    b.offer(op(1, 3, [[2, 2]]))
    b.offer(op(1, 6))
    expect(b.gaps()).toEqual([
      { sender: 1, from: 1, to: 2 },
      { sender: 1, from: 4, to: 5 },
      { sender: 2, from: 1, to: 2 },
    ])
  })
})

describe('snapshot', () => {
  it('restores to a buffer that goes on as if nothing had happened', () => {
    fc.assert(
      fc.property(arrivals, arrivals, (before, rest) => {
        const original = buffer()
        for (const { sender, number, after } of before) original.offer(op(sender, number, after))
        const restored = CausalBuffer.restore(SELF, original.snapshot(), LIMITS)
        expect(restored.snapshot()).toEqual(original.snapshot())
        expect([restored.entries, restored.bytes]).toEqual([original.entries, original.bytes])
        for (const { sender, number, after } of rest) {
          const outcomes = [original, restored].map((each) => {
            const offer = each.offer(op(sender, number, after))
            return offer.kind === 'delivered' ? offer.ops.map((o) => `${o.sender}/${o.number}`).sort() : offer
          })
          expect(outcomes[0]).toEqual(outcomes[1])
        }
        expect(String(restored.delivered)).toBe(String(original.delivered))
      }),
    )
  })

  it('keeps what it held when limits have become tighter', () => {
    const b = buffer()
    for (const number of [2, 3, 4]) b.offer(op(1, number))
    const restored = CausalBuffer.restore(SELF, b.snapshot(), { entriesMax: 1, bytesMax: 1 })
    expect(restored.offer(op(1, 5)).kind).toBe('refused')
    expect(restored.offer(op(1, 1))).toMatchObject({ ops: { length: 4 } })
  })
})

describe('membership', () => {
  const retired = { zone: 1, sent: VClock.of([[SELF, 2]]) }
  const reports = (count: number) => new Map([[SELF, VClock.of([[1, count]])]])

  it('gives no number twice, and forgets nobody whom somebody still needs', () => {
    expect(MEMBERS.appear(10).status(10)).toBe('live')
    expect(() => MEMBERS.appear(4)).toThrow(expect.objectContaining({ code: 'zone_number_used' }))
    expect(MEMBERS.behind(retired, reports(1))).toEqual([SELF])
    expect(() => MEMBERS.forget(retired, reports(1))).toThrow(expect.objectContaining({ code: 'zone_still_needed' }))
    expect(() => MEMBERS.forget(retired, new Map())).toThrow(`zones ${SELF} have not`)
    const after = MEMBERS.forget(retired, reports(2))
    expect([after.status(1), after.status(2), after.status(10)]).toEqual(['forgotten', 'live', 'unknown'])
    expect(Membership.of(after.state).state).toEqual({ version: 2, next: 10, live: [2, 3, SELF] })
    expect(
      String(
        after.prune(
          VClock.of([
            [1, 5],
            [2, 5],
            [10, 5],
          ]),
        ),
      ),
    ).toBe('{2:5 10:5}')
  })

  it('lets counts of forgotten zones go without taking their old ops for new ones', () => {
    const b = buffer()
    b.offer(op(1, 1))
    b.offer(op(1, 2))
    b.update(MEMBERS.forget(retired, reports(2)))
    expect(String(b.delivered)).toBe('{}')
    expect(b.offer(op(1, 1))).toEqual({ kind: 'refused', reason: 'forgotten_sender' })
    // Senders that do not know yet still name it: everybody is past it.
    expect(b.offer(op(2, 1, [[1, 2]])).kind).toBe('delivered')
    b.update(MEMBERS)
    expect(b.membership.version).toBe(2)
  })

  it('waits for zones that it has not heard of', () => {
    const b = buffer()
    expect(b.offer(op(1, 1, [[10, 1]]))).toEqual({ kind: 'buffered' })
    expect(b.gaps()).toEqual([{ sender: 10, from: 1, to: 1 }])
    b.update(MEMBERS.appear(10))
    expect(b.offer(op(10, 1))).toMatchObject({ kind: 'delivered', ops: { length: 2 } })
  })

  it('takes it for a bug when a zone is forgotten too early', () => {
    const b = buffer()
    b.offer(op(1, 2))
    expect(() => b.update(MEMBERS.forget(retired, reports(2)))).toThrow(AssertionError)
    const waiting = buffer()
    waiting.offer(op(2, 1, [[1, 1]]))
    expect(() => waiting.update(MEMBERS.forget(retired, reports(2)))).toThrow(AssertionError)
  })
})

describe('constraints of single-zone ops', () => {
  const open = (self: number) => CausalMailbox.open<string>(self, MEMBERS, LIMITS)

  it('carry only what the destination and later ones still need', () => {
    const [one, two] = [open(1), open(2)]
    const a = one.send(3, 'a', 1)
    expect([a.number, String(a.after), a.passes]).toEqual([1, '{}', []])
    const b = one.send(2, 'b', 1)
    expect(b.passes.map(([to, after]) => `${to} ${after}`)).toEqual(['3 {1:1}'])
    two.receive(b)
    const c = two.send(3, 'c', 1)
    // What c waits for is not passed on: whoever waits for c waits for a.
    expect([String(c.after), c.passes.length]).toEqual(['{1:1}', 0])
    expect(String(two.outstanding(3))).toBe('{2:1}')
    two.report(3, VClock.of([[2, 1]]))
    expect([String(two.outstanding(3)), two.counters.constraints]).toEqual(['{}', 0])
    two.receive(one.send(2, 'd', 1))
    expect(String(two.outstanding(3))).toBe('{1:1}')
  })

  it('grow by one entry per link in use, not with the number of ops', () => {
    const one = open(1)
    for (let i = 0; i < 1000; i++) one.send(2 + (i % 2), 'x', 1)
    expect(one.counters.constraints).toBe(2)
  })

  it('has zones send to others only', () => {
    expect(() => open(1).send(1, 'x', 1)).toThrow('to itself')
  })
})

describe('broadcast', () => {
  it('lets a zone join with the clock of a member: it gets what is sent from then on', () => {
    const [one, two] = [1, 2].map((self) => CausalBroadcast.join<string>(self, MEMBERS, LIMITS)) as [
      CausalBroadcast<string>,
      CausalBroadcast<string>,
    ]
    const before = one.send('before', 1)
    two.receive(before)
    const grown = MEMBERS.appear(10)
    const late = CausalBroadcast.join<string>(10, grown, LIMITS, two.clock)
    expect(late.receive(before).kind).toBe('duplicate')
    const [second, third] = [one.send('second', 1), one.send('third', 1)]
    expect(late.receive(third).kind).toBe('buffered')
    expect(late.gaps()).toEqual([{ sender: 1, from: 2, to: 2 }])
    expect(late.receive(second)).toMatchObject({ ops: [{ value: 'second' }, { value: 'third' }] })
    const greeting = late.send('hello', 1)
    expect(two.receive(greeting)).toEqual({ kind: 'refused', reason: 'unknown_sender' })
    two.update(grown)
    expect(two.receive(greeting).kind).toBe('buffered')
    expect(two.receive(second).kind).toBe('delivered')
    expect(two.receive(third)).toMatchObject({ ops: [{ value: 'third' }, { value: 'hello' }] })
    expect(String(two.clock)).toBe('{1:3 10:1}')
  })
})

describe('stamps', () => {
  const zone = fc.nat(0xffff_ffff)
  const clock = fc
    .uniqueArray(fc.tuple(zone, fc.maxSafeNat()), { selector: ([id]) => id, maxLength: 5 })
    .map((entries) => VClock.of(entries))
  const stamp: fc.Arbitrary<OpStamp> = fc.record({
    sender: zone,
    destination: zone,
    number: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    clock,
    after: clock,
    passes: fc
      .uniqueArray(fc.tuple(zone, clock), { selector: ([id]) => id, maxLength: 4 })
      .map((columns) => columns.filter(([, after]) => after.size > 0).sort(([a], [b]) => a - b)),
  })
  const text = (each: OpStamp) => JSON.stringify(each, (_, value) => (value instanceof VClock ? `${value}` : value))
  const write = (each: OpStamp) => {
    const writer = new ByteWriter()
    writeStamp(writer, each)
    return writer.finish()
  }

  it('round-trip', () => {
    fc.assert(fc.property(stamp, (each) => text(readStamp(new ByteReader(write(each)))) === text(each)))
  })

  it('have one encoding; anything else is malformed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 14, max: 5 }), (bytes) => {
        const reader = new ByteReader(bytes)
        let read: OpStamp
        try {
          read = readStamp(reader)
        } catch (error) {
          expect(error).toMatchObject({ code: 'malformed_bytes' })
          return
        }
        expect(write(read)).toEqual(bytes.slice(0, reader.at))
      }),
      { numRuns: 3000 },
    )
  })
})
