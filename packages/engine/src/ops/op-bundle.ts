// What one batch sends to one zone travels as one QueueOp: it is durable whole or not at all, so one stamp, one row and
// one number say of all of it what they would say of each op.
import type { QueueOp } from '@terrane/causality'
import { assert, ByteReader, ByteWriter } from '@terrane/core'

/** How much a bundle holds. */
export interface Bundle {
  readonly ops: number
  /** Of the bodies. */
  readonly bytes: number
}

const writer = new ByteWriter()

/** The number of bodies, their bytes, then each behind its length; in the order of sending. */
export function encodeBundle(bodies: readonly Uint8Array[]): Uint8Array {
  writer.reset()
  writer.unsigned(bodies.length)
  writer.unsigned(bodies.reduce((sum, { length }) => sum + length, 0))
  for (const body of bodies) {
    writer.unsigned(body.length)
    writer.raw(body)
  }
  return writer.finish()
}

export function bundleOf(value: Uint8Array): Bundle {
  const reader = new ByteReader(value)
  return { ops: reader.unsigned(), bytes: reader.unsigned() }
}

/** The bodies, as views of the bundle. */
export function decodeBundle(value: Uint8Array): Uint8Array[] {
  const reader = new ByteReader(value)
  const count = reader.unsigned()
  reader.unsigned()
  const bodies: Uint8Array[] = []
  for (let i = 0; i < count; i++) bodies.push(reader.raw())
  assert(reader.done, 'nothing follows the last op of a bundle')
  return bodies
}

/** Cuts bundles into parcels of at least so many ops, but for the last. */
export function parcelsOf(bundles: readonly QueueOp<Uint8Array>[], opsEach: number): QueueOp<Uint8Array>[][] {
  const parcels: QueueOp<Uint8Array>[][] = []
  let room = 0
  for (const bundle of bundles) {
    if (room <= 0) {
      parcels.push([])
      room = opsEach
    }
    parcels.at(-1)?.push(bundle)
    room -= opsIn(bundle)
  }
  return parcels
}

export function opsIn(bundle: QueueOp<Uint8Array>): number {
  return bundleOf(bundle.value).ops
}
