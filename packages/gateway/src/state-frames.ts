import { STATE_HEADROOM, type StateFrame } from '@terrane/engine'
import { decodeBlocks, type WireType } from '@terrane/protocol'
import { binaryFrame, binaryFrameInPlace, eventFrame, jsonOf } from './frames-out.js'

const BINARY = 'b'
const JSON_TEXT = 'j'

/**
 * The bytes of a state frame for one topic, ready for the socket. Built for the first client that needs
 * them and kept in the frame for the rest: a frame belongs to one zone, so to one topic, and formats are the
 * only difference there is. The zone must not touch `frame.bytes` after it has delivered it, because
 * sockets that cannot send at once keep a reference.
 */
export function binaryStateFrame(frame: StateFrame, head: Uint8Array): Buffer {
  const known = frame.encoded.get(BINARY)
  if (known !== undefined) return known as Buffer
  const built =
    binaryFrameInPlace(head, frame.bytes, STATE_HEADROOM) ?? binaryFrame(head, frame.bytes.subarray(STATE_HEADROOM))
  frame.encoded.set(BINARY, built)
  return built
}

export function jsonStateFrame(frame: StateFrame, topic: string, types: readonly (readonly WireType[])[]): Buffer {
  const known = frame.encoded.get(JSON_TEXT)
  if (known !== undefined) return known as Buffer
  const blocks = decodeBlocks(frame.bytes.subarray(STATE_HEADROOM), types)
  const built = eventFrame(null, null, topic, 'state', jsonOf({ blocks }))
  frame.encoded.set(JSON_TEXT, built)
  return built
}
