import { describe, expect, it } from 'vitest'
import type { ZoneId } from '../clock/counts.js'
import { VClock } from '../clock/vclock.js'
import { type BroadcastOp, CausalBroadcast } from './causal-broadcast.js'
import { CausalMailbox, type QueueOp } from './causal-mailbox.js'
import { Membership } from './membership.js'
import { Violation } from './test-oracle/oracle.js'
import { type Outcome, type Setting, type SimulatedOp, simulate, type Zone } from './test-oracle/simulation.js'

const SEEDS = 200
const SEEDS_FOR_A_MUTANT = 100
const SINGLE: Setting = { reach: 'one', hasChurn: false, steps: 300 }
const SEVERAL: Setting = { reach: 'some', hasChurn: false, steps: 300 }
const CHURN: Setting = { reach: 'one', hasChurn: true, steps: 600 }
const BROADCAST: Setting = { reach: 'all', hasChurn: false, steps: 200 }
/** Small enough that overflows happen. */
const LIMITS = { entriesMax: 6, bytesMax: 100 }
const SIZE = 20

type Op = QueueOp<number>
type Box = CausalMailbox<string>
type M = QueueOp<string>
type Cast = BroadcastOp<number>

class MailboxZone implements Zone<Op> {
  readonly mailbox: CausalMailbox<number>

  constructor(mailbox: CausalMailbox<number>) {
    this.mailbox = mailbox
  }

  send(destinations: readonly ZoneId[], id: number): Op[] {
    return this.mailbox.sendTogether(destinations.map((destination) => ({ destination, value: id, size: SIZE })))
  }

  receive(op: Op): readonly Op[] {
    const offer = this.mailbox.receive(op)
    return offer.kind === 'delivered' ? offer.ops : []
  }

  delivered(): VClock {
    return this.mailbox.delivered
  }

  report(zone: ZoneId, delivered: VClock): void {
    this.mailbox.report(zone, delivered)
  }

  update(membership: Membership): void {
    this.mailbox.update(membership)
  }

  save(): () => Zone<Op> {
    const state = this.mailbox.snapshot()
    const Same = this.constructor as typeof MailboxZone
    return () => new Same(CausalMailbox.restore(state, LIMITS))
  }
}

class BroadcastZone implements Zone<Cast> {
  readonly broadcast: CausalBroadcast<number>

  constructor(broadcast: CausalBroadcast<number>) {
    this.broadcast = broadcast
  }

  send(destinations: readonly ZoneId[], id: number): Cast[] {
    const op = this.broadcast.send(id, SIZE)
    return destinations.map(() => op)
  }

  receive(op: Cast): readonly Cast[] {
    const offer = this.broadcast.receive(op)
    return offer.kind === 'delivered' ? offer.ops : []
  }

  delivered(): VClock {
    return this.broadcast.clock
  }

  report(): void {}

  update(membership: Membership): void {
    this.broadcast.update(membership)
  }

  save(): () => Zone<Cast> {
    const state = this.broadcast.snapshot()
    const Same = this.constructor as typeof BroadcastZone
    return () => new Same(CausalBroadcast.restore(this.broadcast.self, state, LIMITS))
  }
}

type MailboxClass = new (mailbox: CausalMailbox<number>) => MailboxZone
type BroadcastClass = new (broadcast: CausalBroadcast<number>) => BroadcastZone

function single(Class: MailboxClass = MailboxZone) {
  return (self: ZoneId, membership: Membership) => new Class(CausalMailbox.open(self, membership, LIMITS))
}

function broadcast(Class: BroadcastClass = BroadcastZone) {
  return (self: ZoneId, membership: Membership) => new Class(CausalBroadcast.join(self, membership, LIMITS))
}

/** Runs many seeds; a violation names its seed. */
function simulateAll<T extends SimulatedOp>(
  setting: Setting,
  open: (self: ZoneId, membership: Membership) => Zone<T>,
): Outcome<T>[] {
  return Array.from({ length: SEEDS }, (_, seed) => {
    try {
      return simulate(seed, setting, open)
    } catch (error) {
      throw new Error(`seed ${seed}: ${error}`, { cause: error })
    }
  })
}

/** The kinds of violation that the oracle finds in a few seeds. */
function found<T extends SimulatedOp>(
  setting: Setting,
  open: (self: ZoneId, membership: Membership) => Zone<T>,
): Set<string> {
  const kinds = new Set<string>()
  for (let seed = 0; seed < SEEDS_FOR_A_MUTANT; seed++) {
    try {
      simulate(seed, setting, open)
    } catch (error) {
      if (!(error instanceof Violation)) throw error
      kinds.add(error.kind)
    }
  }
  return kinds
}

function sum<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((total, item) => total + amount(item), 0)
}

describe('ops to single zones', () => {
  it('are delivered in causal order, exactly once, and all, whatever network and crashes do', () => {
    const outcomes = simulateAll(SINGLE, single())
    expect(sum(outcomes, ({ delivered }) => delivered)).toBeGreaterThan(SEEDS * 10)
    expect(sum(outcomes, ({ crashes }) => crashes)).toBeGreaterThan(SEEDS)
    const counters = outcomes.flatMap(({ zones }) => zones.map((zone) => (zone as MailboxZone).mailbox.counters))
    expect(sum(counters, ({ duplicates }) => duplicates)).toBeGreaterThan(SEEDS)
    expect(sum(counters, ({ refused }) => refused)).toBeGreaterThan(0)
    expect(Math.max(...counters.map(({ entriesHigh }) => entriesHigh))).toBeGreaterThan(2)
    for (const { entries, bytes, entriesHigh, bytesHigh } of counters) {
      expect({ entries, bytes }).toEqual({ entries: 0, bytes: 0 })
      expect(entriesHigh).toBeLessThanOrEqual(LIMITS.entriesMax)
      expect(bytesHigh).toBeLessThanOrEqual(LIMITS.bytesMax)
    }
  })

  it('keep their order when one event sends to several zones', () => {
    const outcomes = simulateAll(SEVERAL, single())
    expect(sum(outcomes, ({ delivered }) => delivered)).toBeGreaterThan(SEEDS * 15)
  })

  it('of one event to one zone follow each other, and successors of any wait for all those to other zones', () => {
    const zones = [0, 1, 2].reduce((known, zone) => known.appear(zone), Membership.none)
    const [a, b, c] = [0, 1, 2].map((zone) => CausalMailbox.open<string>(zone, zones, LIMITS)) as [Box, Box, Box]
    const letter = (destination: ZoneId, value: string) => ({ destination, value, size: 1 })
    const [first, toC, second] = a.sendTogether([letter(1, 'first'), letter(2, 'c'), letter(1, 'second')]) as [M, M, M]
    expect([first.number, toC.number, second.number]).toEqual([1, 1, 2])
    expect(first.clock).toBe(second.clock)
    expect(b.receive(second).kind).toBe('buffered')
    expect(b.receive(first)).toMatchObject({ kind: 'delivered', ops: [first, second] })
    // What b sends on to c now comes after a's op to c, though that was stamped after `first`.
    expect(c.receive(b.send(2, 'after c', 1)).kind).toBe('buffered')
    expect(c.receive(toC)).toMatchObject({ kind: 'delivered', ops: [{ value: 'c' }, { value: 'after c' }] })
  })

  it('leave no constraints behind once everybody has heard what was delivered', () => {
    for (const { zones } of simulateAll(SINGLE, single())) {
      expect(zones.map((zone) => (zone as MailboxZone).mailbox.counters.constraints)).toEqual(zones.map(() => 0))
    }
  })

  it('keep their order while zones retire, are forgotten, and new ones appear', () => {
    const outcomes = simulateAll(CHURN, single())
    expect(sum(outcomes, ({ forgotten }) => forgotten)).toBeGreaterThan(SEEDS / 2)
    for (const { zones } of outcomes) {
      for (const zone of zones) {
        const { clock, delivered, sent, membership } = (zone as MailboxZone).mailbox
        const named = [clock, delivered, sent].flatMap((each) => [...each].map(([id]) => id))
        expect(named.filter((id) => membership.status(id) !== 'live')).toEqual([])
      }
    }
  })
})

describe('broadcast', () => {
  it('is delivered in causal order, exactly once, and all, whatever network and crashes do', () => {
    const outcomes = simulateAll(BROADCAST, broadcast())
    expect(sum(outcomes, ({ delivered }) => delivered)).toBeGreaterThan(SEEDS * 10)
    const counters = outcomes.flatMap(({ zones }) => zones.map((zone) => (zone as BroadcastZone).broadcast.counters))
    expect(sum(counters, ({ duplicates }) => duplicates)).toBeGreaterThan(SEEDS)
    expect(sum(counters, ({ refused }) => refused)).toBeGreaterThan(0)
    expect(sum(counters, ({ entries }) => entries)).toBe(0)
  })
})

/** Delivers what `isDue` says, when it says so; keeps the rest. */
class GatedZone<T extends SimulatedOp> {
  #kept: T[] = []

  take(op: T, isDue: (op: T) => boolean, deliver: (op: T) => void): T[] {
    const delivered: T[] = []
    this.#kept.push(op)
    for (let next = this.#kept.find(isDue); next !== undefined; next = this.#kept.find(isDue)) {
      this.#kept.splice(this.#kept.indexOf(next), 1)
      deliver(next)
      delivered.push(next)
    }
    return delivered
  }
}

describe('the oracle finds', () => {
  it('a bare le gate, `P ≤ op.clock`: it lets repetitions and gaps through and refuses concurrent ops for ever', () => {
    class BareLe extends MailboxZone {
      #known = VClock.zero
      readonly #gate = new GatedZone<Op>()

      override send(destinations: readonly ZoneId[], id: number): Op[] {
        return super.send(destinations, id).map((op) => {
          this.#known = this.#known.tick(op.sender)
          return { ...op, clock: this.#known }
        })
      }

      override receive(op: Op): readonly Op[] {
        const deliver = ({ clock }: Op) => {
          this.#known = this.#known.merge(clock)
        }
        return this.#gate.take(op, ({ clock }) => this.#known.le(clock), deliver)
      }

      /** Without crashes, to its advantage. */
      override save(): () => Zone<Op> {
        return () => this
      }
    }
    expect([...found(SINGLE, single(BareLe))].sort()).toEqual(['lost', 'order', 'twice'])
  })

  it('an event that sends to several zones one after the other, and does not tell the first of the others', () => {
    class OneByOne extends MailboxZone {
      override send(destinations: readonly ZoneId[], id: number): Op[] {
        return destinations.map((destination) => this.mailbox.send(destination, id, SIZE))
      }
    }
    expect([...found(SEVERAL, single(OneByOne))]).toContain('order')
  })

  it('a receiver that lets go of a zone and then takes its old ops for new ones', () => {
    class Forgetful extends MailboxZone {
      override receive(op: Op): readonly Op[] {
        const offer = this.mailbox.receive(op)
        if (offer.kind === 'delivered') return offer.ops
        return offer.kind === 'refused' && offer.reason === 'forgotten_sender' ? [op] : []
      }
    }
    expect([...found(CHURN, single(Forgetful))]).toEqual(['twice'])
  })

  it('the gate read the other way, `op.clock ≤ P`: no fresh op ever passes', () => {
    class OtherLe extends BroadcastZone {
      readonly #gate = new GatedZone<Cast>()

      override receive(op: Cast): readonly Cast[] {
        return this.#gate.take(
          op,
          ({ after }) => after.le(this.broadcast.clock),
          (due) => super.receive(due),
        )
      }
    }
    expect([...found(BROADCAST, broadcast(OtherLe))]).toEqual(['lost'])
  })

  it.each([
    [
      'a receiver that recognises no repetition',
      class extends MailboxZone {
        override receive(op: Op): readonly Op[] {
          const offer = this.mailbox.receive(op)
          return offer.kind === 'delivered' ? offer.ops : offer.kind === 'duplicate' ? [op] : []
        }
      },
      'twice',
    ],
    [
      'senders that leave out what only later ops must wait for',
      class extends MailboxZone {
        override send(destinations: readonly ZoneId[], id: number): Op[] {
          return super.send(destinations, id).map((op) => ({ ...op, passes: [] }))
        }
      },
      'order',
    ],
    [
      'senders that pass on only what they sent themselves',
      class extends MailboxZone {
        override send(destinations: readonly ZoneId[], id: number): Op[] {
          return super.send(destinations, id).map((op) => ({
            ...op,
            passes: op.passes.map(([to, after]) => [to, after.filter((zone) => zone === op.sender)] as const),
          }))
        }
      },
      'order',
    ],
    [
      'senders that say nothing of what comes first',
      class extends MailboxZone {
        override send(destinations: readonly ZoneId[], id: number): Op[] {
          return super.send(destinations, id).map((op) => ({ ...op, after: VClock.zero }))
        }
      },
      'order',
    ],
    [
      'a plain vector clock as what to wait for, which waits for ops that were never addressed there',
      class extends MailboxZone {
        override send(destinations: readonly ZoneId[], id: number): Op[] {
          return super.send(destinations, id).map((op) => ({ ...op, after: op.clock }))
        }
      },
      'lost',
    ],
    [
      'a receiver that does not merge clocks',
      class extends MailboxZone {
        override receive(op: Op): readonly Op[] {
          return super.receive({ ...op, clock: VClock.zero })
        }
      },
      'clock',
    ],
    [
      'a receiver that forgets to learn what it must pass on',
      class extends MailboxZone {
        override receive(op: Op): readonly Op[] {
          return super.receive({ ...op, passes: [] })
        }
      },
      'order',
    ],
    [
      'reports of what was sent, taken for reports of what was delivered',
      class extends MailboxZone {
        override send(destinations: readonly ZoneId[], id: number): Op[] {
          const ops = super.send(destinations, id)
          for (const { destination, sender, number } of ops) this.report(destination, VClock.of([[sender, number]]))
          return ops
        }
      },
      'order',
    ],
  ])('%s', (_, Class, kind) => {
    expect([...found(SINGLE, single(Class))]).toContain(kind)
  })

  it.each([
    [
      'a receiver that recognises no repetition',
      class extends BroadcastZone {
        override receive(op: Cast): readonly Cast[] {
          const offer = this.broadcast.receive(op)
          return offer.kind === 'delivered' ? offer.ops : offer.kind === 'duplicate' ? [op] : []
        }
      },
      'twice',
    ],
    [
      'a receiver that does not merge clocks',
      class extends BroadcastZone {
        override send(destinations: readonly ZoneId[], id: number): Cast[] {
          return super
            .send(destinations, id)
            .map((op) => ({ ...op, after: op.after.filter((zone) => zone === op.sender) }))
        }
      },
      'order',
    ],
    [
      'a receiver that counts deliveries one too high',
      class extends BroadcastZone {
        override receive(op: Cast): readonly Cast[] {
          const lowered = [...op.after].map(([zone, count]) => [zone, count - 1] as const)
          return super.receive({ ...op, after: VClock.of(lowered) })
        }
      },
      'order',
    ],
  ])('%s, in broadcast', (_, Class, kind) => {
    expect([...found(BROADCAST, broadcast(Class))]).toContain(kind)
  })
})
