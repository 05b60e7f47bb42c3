import { CausalMailbox, type Membership, readColumns, VClock, writeColumns, type ZoneId } from '@terrane/causality'
import { ByteReader, ByteWriter } from '@terrane/core'
import type { EngineLimits } from '../limits.js'

export type Mailbox = CausalMailbox<Uint8Array>

const FORMAT = 1

/**
 * What of a mailbox has to be durable: its clock, what it has sent and to whom in its causal past, and what it has
 * delivered. Not ops that wait for others: nobody was told that they arrived, so they are sent again. Not what others
 * have reported: it only makes stamps shorter, and is reported again.
 */
export function encodeMailbox(mailbox: Mailbox): Uint8Array {
  const { clock, links } = mailbox
  const writer = new ByteWriter(256)
  writer.byte(FORMAT)
  clock.write(writer)
  mailbox.delivered.write(writer)
  links.sent.write(writer)
  writeColumns(writer, links.columns)
  return writer.finish()
}

/** What a mailbox has delivered, by sender, without restoring it. */
export function deliveredIn(bytes: Uint8Array): VClock {
  return readHead(new ByteReader(bytes)).delivered
}

export function decodeMailbox(self: ZoneId, bytes: Uint8Array, membership: Membership, limits: EngineLimits): Mailbox {
  const reader = new ByteReader(bytes)
  const { clock, delivered } = readHead(reader)
  const links = { sent: VClock.read(reader), columns: readColumns(reader), reported: [] }
  const buffer = { membership: membership.state, delivered, kept: [], counters: NO_COUNTS }
  return CausalMailbox.restore({ self, clock, links, buffer }, bufferLimits(limits))
}

function readHead(reader: ByteReader): { clock: VClock; delivered: VClock } {
  const format = reader.byte()
  if (format !== FORMAT) throw new Error(`the mailbox has the unknown format ${format}`)
  return { clock: VClock.read(reader), delivered: VClock.read(reader) }
}

export function openMailbox(self: ZoneId, membership: Membership, limits: EngineLimits): Mailbox {
  return CausalMailbox.open(self, membership, bufferLimits(limits))
}

const NO_COUNTS = { delivered: 0, duplicates: 0, refused: 0, entriesHigh: 0, bytesHigh: 0 }

function bufferLimits({ opBufferMax, opBufferBytesMax }: EngineLimits) {
  return { entriesMax: opBufferMax, bytesMax: opBufferBytesMax }
}
