import { Prng } from '@terrane/core'
import type { ZoneId } from '../../clock/counts.js'
import { VClock } from '../../clock/vclock.js'
import { Membership } from '../membership.js'
import { Oracle, Violation } from './oracle.js'

/** An op of the simulation: its value is its id. */
export interface SimulatedOp {
  readonly sender: ZoneId
  readonly number: number
  readonly value: number
  readonly clock?: VClock
}

/** A zone under test, right or wrong. */
export interface Zone<Op extends SimulatedOp> {
  /** The op for each destination, in their order. */
  send(destinations: readonly ZoneId[], id: number): Op[]
  /** What is delivered by it, in order. */
  receive(op: Op): readonly Op[]
  delivered(): VClock
  report(zone: ZoneId, delivered: VClock): void
  update(membership: Membership): void
  /** Makes a zone that goes on from here, as after a crash. */
  save(): () => Zone<Op>
}

export interface Setting {
  /** Where an op goes: to one or some of the sender's neighbours, or to all other zones. */
  readonly reach: 'one' | 'some' | 'all'
  /** Zones retire, are forgotten, and new ones appear. */
  readonly hasChurn: boolean
  readonly steps: number
}

interface Flight<Op> {
  readonly to: ZoneId
  readonly op: Op
}

/** News that is no op: a report, a membership. */
interface Note<Op extends SimulatedOp> {
  readonly to: ZoneId
  readonly note: (zone: Zone<Op>) => void
}

/** A zone and what it did since it was last durable. */
interface Host<Op extends SimulatedOp> {
  zone: Zone<Op>
  durable: () => Zone<Op>
  /** What has happened and is not durable: told to the oracle, and sent, when it is. */
  pending: (() => void)[]
  retires: boolean
}

export interface Outcome<Op extends SimulatedOp> {
  readonly zones: readonly Zone<Op>[]
  readonly delivered: number
  readonly crashes: number
  readonly forgotten: number
}

/**
 * Random zones exchange random ops over a network that loses, repeats and reorders; zones crash and go on from
 * what was durable; reports of what was delivered travel the same way. In the end everything not delivered is sent
 * again, as outboxes do. Throws the first Violation.
 */
export function simulate<Op extends SimulatedOp>(
  seed: number,
  setting: Setting,
  open: (self: ZoneId, membership: Membership) => Zone<Op>,
): Outcome<Op> {
  return new Simulation(seed, setting, open).run()
}

class Simulation<Op extends SimulatedOp> {
  readonly #random: Prng
  readonly #setting: Setting
  readonly #open: (self: ZoneId, membership: Membership) => Zone<Op>
  readonly #oracle = new Oracle()
  readonly #hosts = new Map<ZoneId, Host<Op>>()
  readonly #links = new Map<ZoneId, ZoneId[]>()
  /** Ops that left their zone, once for each destination. */
  readonly #sent: Flight<Op>[] = []
  readonly #flying: Flight<Op>[] = []
  readonly #notes: Note<Op>[] = []
  #membership = Membership.none
  #id = 0
  #crashes = 0
  #forgotten = 0

  constructor(seed: number, setting: Setting, open: (self: ZoneId, membership: Membership) => Zone<Op>) {
    this.#random = new Prng(seed)
    this.#setting = setting
    this.#open = open
  }

  run(): Outcome<Op> {
    const zones = this.#random.between(2, 6)
    for (let zone = 0; zone < zones; zone++) this.#membership = this.#membership.appear(zone)
    for (const zone of this.#membership.live) this.#start(zone)
    for (let step = 0; step < this.#setting.steps; step++) this.#step()
    this.#settle()
    this.#oracle.checkAllDelivered()
    if (!this.#setting.hasChurn) this.#checkClocks()
    const hosts = [...this.#hosts.values()]
    const delivered = this.#sent.length
    return { zones: hosts.map(({ zone }) => zone), delivered, crashes: this.#crashes, forgotten: this.#forgotten }
  }

  #start(self: ZoneId): void {
    const zone = this.#open(self, this.#membership)
    this.#hosts.set(self, { zone, durable: zone.save(), pending: [], retires: false })
    const others = [...this.#hosts.keys()].filter((other) => other !== self)
    const neighbours = this.#random.shuffle(others).slice(0, this.#random.between(1, 3))
    this.#links.set(self, neighbours)
    for (const other of neighbours) if (this.#random.chance(0.7)) this.#links.get(other)?.push(self)
  }

  #step(): void {
    const random = this.#random
    const self = random.pick([...this.#hosts.keys()])
    const draw = random.float()
    if (draw < 0.3) this.#send(self)
    else if (draw < 0.7) this.#arrive()
    else if (draw < 0.85) this.#persist(self)
    else if (draw < 0.93) this.#report(self)
    else if (draw < 0.96) this.#crash(self)
    else if (this.#setting.hasChurn) this.#churn(self)
  }

  #send(self: ZoneId): void {
    const host = this.#host(self)
    const { reach } = this.#setting
    const reachable = reach === 'all' ? [...this.#hosts.keys()] : [...new Set(this.#links.get(self))]
    const others = reachable.filter((zone) => zone !== self && this.#hosts.get(zone)?.retires === false)
    if (host.retires || others.length === 0) return
    const count = reach === 'all' ? others.length : reach === 'one' ? 1 : this.#random.between(1, others.length)
    const destinations = reach === 'all' ? others : this.#random.shuffle(others).slice(0, count)
    const id = this.#id++
    const ops = host.zone.send(destinations, id)
    host.pending.push(() => {
      this.#oracle.sent(id, self, destinations)
      destinations.forEach((to, place) => {
        const flight = { to, op: ops[place] as Op }
        this.#sent.push(flight)
        if (!this.#random.chance(0.2)) this.#flying.push(flight)
      })
    })
  }

  /** Something that is under way arrives, often out of turn; it may stay under way, to arrive again. */
  #arrive(): void {
    const random = this.#random
    if (this.#notes.length > 0 && random.chance(0.3)) {
      const [{ to, note }] = this.#notes.splice(random.below(this.#notes.length), 1) as [Note<Op>]
      const host = this.#hosts.get(to)
      if (host !== undefined && !random.chance(0.2)) note(host.zone)
    } else if (this.#sent.length > 0 && random.chance(0.2)) {
      // Repeated by an outbox that has not heard of the delivery, or for the first time after a loss.
      this.#receive(random.pick(this.#sent))
    } else if (this.#flying.length > 0) {
      const at = random.below(this.#flying.length)
      this.#receive(this.#flying[at] as Flight<Op>)
      if (!random.chance(0.3)) this.#flying.splice(at, 1)
    }
  }

  #receive({ to, op }: Flight<Op>): void {
    const host = this.#hosts.get(to)
    if (host === undefined) return
    for (const { value } of host.zone.receive(op)) host.pending.push(() => this.#oracle.delivered(value, to))
  }

  #persist(self: ZoneId): void {
    const host = this.#host(self)
    host.durable = host.zone.save()
    for (const event of host.pending.splice(0)) event()
  }

  /** What is durable is told to some other zone, whoever. */
  #report(self: ZoneId): void {
    const delivered = this.#host(self).durable().delivered()
    const to = this.#random.pick([...this.#hosts.keys()])
    if (to !== self) this.#notes.push({ to, note: (zone) => zone.report(self, delivered) })
  }

  #crash(self: ZoneId): void {
    const host = this.#host(self)
    host.zone = host.durable()
    host.pending = []
    this.#crashes++
  }

  #churn(self: ZoneId): void {
    const retiring = [...this.#hosts].filter(([, { retires }]) => retires).map(([zone]) => zone)
    const draw = this.#random.below(4)
    if (draw === 0 && this.#hosts.size - retiring.length > 2) this.#host(self).retires = true
    else if (draw === 1 && this.#hosts.size < 8) {
      this.#membership = this.#membership.appear(this.#membership.next)
      this.#start(this.#membership.next - 1)
      this.#announce()
    } else if (retiring.length > 0) this.#tryToForget(this.#random.pick(retiring))
  }

  #tryToForget(self: ZoneId): void {
    // Whoever still sent to it has done so by now: they are asked for their last number to it.
    for (const zone of this.#hosts.keys()) this.#persist(zone)
    if (this.#sent.some(({ to, op }) => to === self && !this.#oracle.isDelivered(op.value, self))) return
    const sent = new Map<ZoneId, number>()
    for (const { to, op } of this.#sent) if (op.sender === self) sent.set(to, Math.max(sent.get(to) ?? 0, op.number))
    const reports = new Map([...this.#hosts].map(([zone, { durable }]) => [zone, durable().delivered()]))
    const retirement = { zone: self, sent: VClock.of(sent) }
    if (this.#membership.behind(retirement, reports).length > 0) return
    this.#membership = this.#membership.forget(retirement, reports)
    this.#hosts.delete(self)
    this.#forgotten++
    this.#announce()
  }

  #announce(): void {
    const membership = this.#membership
    for (const to of this.#hosts.keys()) this.#notes.push({ to, note: (zone) => zone.update(membership) })
  }

  /** Quiet weather: all is durable, all is sent again until nothing new is delivered, all is reported. */
  #settle(): void {
    for (const self of this.#hosts.keys()) this.#persist(self)
    for (const { zone } of this.#hosts.values()) zone.update(this.#membership)
    const isOpen = ({ to, op }: Flight<Op>) => !this.#oracle.isDelivered(op.value, to)
    for (let left = this.#sent.filter(isOpen); left.length > 0; ) {
      for (const flight of this.#random.shuffle([...left, ...this.#flying])) this.#receive(flight)
      for (const self of this.#hosts.keys()) this.#persist(self)
      const still = left.filter(isOpen)
      if (still.length === left.length) break
      left = still
    }
    for (const [self, { zone }] of this.#hosts) {
      for (const other of this.#hosts.values()) if (other.zone !== zone) other.zone.report(self, zone.delivered())
    }
  }

  /** Clocks are ordered exactly as the events are. */
  #checkClocks(): void {
    for (const { op: a } of this.#sent) {
      for (const { op: b } of this.#sent) {
        if (a.clock === undefined || b.clock === undefined) return
        if (a.clock.lt(b.clock) !== this.#oracle.happenedBefore(a.value, b.value)) {
          throw new Violation(
            'clock',
            `the clocks of ops ${a.value} and ${b.value}, ${a.clock} and ${b.clock}, are wrong`,
          )
        }
      }
    }
  }

  #host(zone: ZoneId): Host<Op> {
    return this.#hosts.get(zone) as Host<Op>
  }
}
