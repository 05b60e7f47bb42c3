// What the tables say of ops between zones. A checkpoint holds nothing that the log does not, so an op that stands in an
// outbox there is durable, and so is a delivery in a mailbox: enough for two zones to do without any other way between
// them, only later, by as much as checkpoints lag.
import type { QueueOp } from '@terrane/causality'
import { VClock } from '@terrane/causality'
import type { OpParcel } from '../ports/op-exchange.js'
import type { CheckpointStore } from '../ports/store.js'
import { deliveredIn } from './mailbox-codec.js'
import { decodeOutboxPayload } from './outbox.js'
import { MAILBOX, OUTBOX } from './system-kinds.js'

/** The ops in the outbox of a zone, by destination and in order of their numbers, as the last checkpoint left it. */
export async function storedOps(checkpoints: CheckpointStore, zone: string): Promise<OpParcel[]> {
  const [destination, payload] = columnsOf(OUTBOX, ['destination', 'payload'])
  const byDestination = new Map<string, QueueOp<Uint8Array>[]>()
  for await (const { columns } of checkpoints.rows(zone, OUTBOX)) {
    for (const [row, bytes] of (columns[payload] ?? []).entries()) {
      const to = columns[destination]?.[row] as string
      const ops = byDestination.get(to)
      const op = decodeOutboxPayload(bytes as Uint8Array)
      if (ops === undefined) byDestination.set(to, [op])
      else ops.push(op)
    }
  }
  return Array.from(byDestination, ([to, ops]) => ({
    from: zone,
    to,
    ops: ops.sort((a, b) => a.number - b.number),
  }))
}

/** What a zone had durably delivered, by sender, when its tables were last written. */
export async function storedDelivered(checkpoints: CheckpointStore, zone: string): Promise<VClock> {
  const [state] = columnsOf(MAILBOX, ['state'])
  for await (const { columns } of checkpoints.rows(zone, MAILBOX)) {
    const bytes = columns[state]?.[0]
    if (bytes !== undefined) return deliveredIn(bytes as Uint8Array)
  }
  return VClock.zero
}

function columnsOf<Names extends readonly string[]>(
  kind: typeof OUTBOX,
  names: readonly [...Names],
): { [Place in keyof Names]: number } {
  return names.map((name) => kind.columns.findIndex((column) => column.name === name)) as {
    [Place in keyof Names]: number
  }
}
