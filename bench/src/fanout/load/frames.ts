export type OnFrame = (opcode: number, bytes: Buffer, start: number, end: number) => void

export const OPCODE = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** Far above any frame of these workloads: a longer one means that we have lost our place in the stream. */
const FRAME_BYTES_MAX = 64 * 1024 * 1024

/**
 * Splits what a server sends into WebSocket frames, without copying those that arrive whole (nearly
 * all). No masks, no compression, no fragments: servers do not mask, we offer no compression, and no
 * contender fragments.
 */
export class FrameParser {
  readonly #onFrame: OnFrame
  #rest: Buffer | undefined

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame
  }

  /** The first `length` bytes of `chunk`, which is used again after this call. */
  push(chunk: Buffer, length: number): void {
    let bytes = chunk
    let end = length
    if (this.#rest !== undefined) {
      bytes = Buffer.concat([this.#rest, chunk.subarray(0, length)])
      end = bytes.length
      this.#rest = undefined
    }
    let at = 0
    while (end - at >= 2) {
      const short = (bytes[at + 1] ?? 0) & 0x7f
      const header = short < 126 ? 2 : short === 126 ? 4 : 10
      if (end - at < header) break
      const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : longSize(bytes, at + 2)
      const start = at + header
      if (end - start < size) break
      at = start + size
      this.#onFrame((bytes[start - header] ?? 0) & 0x0f, bytes, start, at)
    }
    if (at < end) this.#rest = Buffer.from(bytes.subarray(at, end))
  }
}

function longSize(bytes: Buffer, at: number): number {
  const size = Number(bytes.readBigUInt64BE(at))
  if (size > FRAME_BYTES_MAX) throw new Error(`a frame of ${size} bytes: the stream is out of step`)
  return size
}

/** A frame to a server. Masked, as the protocol demands, with zeros, which leave the content as it is. */
export function frame(opcode: number, content: Uint8Array): Buffer {
  const size = content.length
  if (size > 0xffff) throw new Error(`clients of this benchmark send short messages only, not ${size} bytes`)
  const header = size < 126 ? 2 : 4
  const bytes = Buffer.alloc(header + 4 + size)
  bytes[0] = 0x80 | opcode
  bytes[1] = 0x80 | Math.min(size, 126)
  if (header === 4) bytes.writeUInt16BE(size, 2)
  bytes.set(content, header + 4)
  return bytes
}
