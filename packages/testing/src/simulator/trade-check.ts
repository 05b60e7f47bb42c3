import type { Zone } from '@terrane/engine'
import { TRADE_ACCOUNTS, TRADE_START, TRADE_ZONES } from './trade-world.js'

interface TradeEvent {
  readonly what: 'sent' | 'applied' | 'refused'
  readonly op: string
  readonly to: string
}

/** Whether the whole of a trade world is right when all ops have arrived. Returns what is wrong. */
export function checkTrade(zones: readonly Zone[]): string[] {
  const histories = new Map(zones.map((zone) => [zone.id, historyOf(zone)]))
  return [...conservation(zones), ...exactlyOnce(histories), ...causalOrder(histories)]
}

export function historyOf(zone: Zone): readonly TradeEvent[] {
  const rows = [...(zone.tables.history?.all() ?? [])] as unknown as (TradeEvent & { order: number })[]
  return rows.sort((a, b) => a.order - b.order)
}

function conservation(zones: readonly Zone[]): string[] {
  let sum = 0
  for (const zone of zones)
    for (const row of zone.tables.accounts?.all() ?? []) sum += (row as { balance: number }).balance
  const due = TRADE_ZONES.length * TRADE_ACCOUNTS * TRADE_START
  return sum === due ? [] : [`all accounts together hold ${sum}, should hold ${due}`]
}

function exactlyOnce(histories: ReadonlyMap<string, readonly TradeEvent[]>): string[] {
  const problems: string[] = []
  const ends = new Map<string, string[]>()
  for (const [zone, events] of histories) {
    for (const { what, op } of events)
      if (what !== 'sent') ends.set(op, [...(ends.get(op) ?? []), `${what} in ${zone}`])
  }
  for (const [zone, events] of histories) {
    for (const { what, op, to } of events) {
      if (what !== 'sent') continue
      const [first, ...more] = ends.get(op) ?? []
      ends.delete(op)
      if (first === undefined) problems.push(`op ${op} from ${zone} to ${to} is lost`)
      else if (more.length > 0) problems.push(`op ${op} from ${zone} to ${to} was ${first} and ${more.join(' and ')}`)
      else if (first !== `applied in ${to}` && first !== `refused in ${zone}`) problems.push(`op ${op} was ${first}`)
    }
  }
  for (const [op, what] of ends) problems.push(`op ${op}, which nobody sent, was ${what.join(' and ')}`)
  return problems
}

/**
 * The whole happened-before relation, by transitive closure over the histories themselves: an event follows the one
 * before it in its zone, and an application follows the sending. It knows nothing of clocks.
 */
function causalOrder(histories: ReadonlyMap<string, readonly TradeEvent[]>): string[] {
  const problems: string[] = []
  /** Ops sent in the past of an op's sending. */
  const pasts = new Map<string, ReadonlySet<string>>()
  const destinations = new Map<string, string>()
  const isApplied = new Set<string>()
  for (const [zone, events] of histories) {
    for (const { what, op, to } of events) {
      if (what === 'sent') destinations.set(op, to)
      if (what === 'applied') isApplied.add(`${zone} ${op}`)
    }
  }
  const heads = [...histories].map(([zone, events]) => ({
    zone,
    events,
    at: 0,
    known: new Set<string>(),
    seen: new Set<string>(),
  }))
  for (let isMoving = true; isMoving; ) {
    isMoving = false
    for (const head of heads) {
      for (; head.at < head.events.length; head.at++) {
        const { what, op } = head.events[head.at] as TradeEvent
        if (what === 'sent') {
          pasts.set(op, new Set(head.known))
          head.known.add(op)
        } else if (what === 'applied') {
          const past = pasts.get(op)
          if (past === undefined) break
          for (const before of past) {
            head.known.add(before)
            const isDue = destinations.get(before) === head.zone && isApplied.has(`${head.zone} ${before}`)
            if (isDue && !head.seen.has(before))
              problems.push(`${head.zone} applied ${op} before ${before}, which came first`)
          }
          head.known.add(op)
          head.seen.add(op)
        }
        isMoving = true
      }
    }
  }
  const stuck = heads.filter((head) => head.at < head.events.length)
  if (stuck.length > 0) problems.push(`ops were applied before they were sent, in ${stuck.map(({ zone }) => zone)}`)
  return problems
}
