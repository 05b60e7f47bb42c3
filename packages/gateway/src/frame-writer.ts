import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** What a plain TCP socket keeps of the operating system's until it is destroyed; Node's types do not show it. */
interface Handled {
  readonly _handle: { readonly fd?: number } | null
}

/**
 * Writes frames to one connection. While nothing waits in the stream a frame goes to the kernel by one system call,
 * past the stream's bookkeeping, which costs as much again as everything else that we do for a frame. What the
 * kernel does not take at once goes through the stream, and so does everything behind it until the stream has run
 * empty; errors are the stream's to report.
 */
export class FrameWriter {
  readonly #socket: Duplex
  /** With a descriptor that takes the bytes as they are (no TLS in between); -1 where there is none. */
  readonly #handle: Handled['_handle']
  readonly #fd: number

  constructor(socket: Duplex) {
    this.#socket = socket
    const handle = socket instanceof Socket && !('encrypted' in socket) ? (socket as unknown as Handled)._handle : null
    this.#fd = handle?.fd ?? -1
    this.#handle = handle
  }

  /** Bytes that the kernel has not taken yet. */
  get unsent(): number {
    return this.#socket.writableLength
  }

  write(frame: Buffer): void {
    // A socket that has been destroyed has no handle any more, and the number of its descriptor may be another's.
    const open = this.#fd >= 0 && (this.#socket as unknown as Handled)._handle === this.#handle
    const taken = open && this.#socket.writableLength === 0 ? writeNow(this.#fd, frame) : 0
    if (taken < frame.length) this.#socket.write(taken === 0 ? frame : frame.subarray(taken))
  }
}

/** How much of the frame the kernel takes at once: 0 also when it is full, or the connection broken. */
function writeNow(fd: number, frame: Buffer): number {
  try {
    return writeSync(fd, frame, 0, frame.length, null)
  } catch {
    return 0
  }
}
