import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Descriptor of a connection that must be written to through its stream. */
const THROUGH_STREAM = -1
const FIRST_CAPACITY = 64

/** What a plain TCP socket keeps of the operating system's until it is destroyed; Node's types do not show it. */
interface Handled {
  readonly _handle?: { readonly fd?: number } | null
}

/**
 * Which connections take bytes by a system call of our own, past Node's streams: those whose stream is empty. A
 * stream's bookkeeping costs about as much as all else that we do for a frame, and to one who sends a frame to
 * thousands even looking at every connection's objects is dear; here they are one array of descriptors.
 *
 * A descriptor stands in the array only while nothing can come between: it is taken out by the very calls that
 * write to, end or destroy the stream, `ws`'s own among them. So a frame never overtakes or cuts another, and never
 * reaches a descriptor that has been closed and belongs to somebody else by now.
 */
export class DirectWrites {
  #descriptors = new Int32Array(FIRST_CAPACITY).fill(THROUGH_STREAM)
  readonly #connections: (DirectConnection | undefined)[] = []
  readonly #free: number[] = []

  open(socket: Duplex): DirectConnection {
    const number = this.#free.pop() ?? this.#connections.length
    if (number >= this.#descriptors.length) {
      const larger = new Int32Array(this.#descriptors.length * 2).fill(THROUGH_STREAM)
      larger.set(this.#descriptors)
      this.#descriptors = larger
    }
    const connection = new DirectConnection(this, number, socket)
    this.#connections[number] = connection
    return connection
  }

  /** Frees the number of a connection that is gone. */
  close(number: number): void {
    this.suspend(number)
    this.#connections[number] = undefined
    this.#free.push(number)
  }

  isDirect(number: number): boolean {
    return this.#descriptors[number] !== THROUGH_STREAM
  }

  resume(number: number, descriptor: number): void {
    this.#descriptors[number] = descriptor
  }

  suspend(number: number): void {
    this.#descriptors[number] = THROUGH_STREAM
  }

  /**
   * Writes the frame if the connection can be written to directly and the kernel takes at least its beginning; the
   * stream gets the rest. False: nothing of it has been written.
   */
  write(number: number, frame: Buffer): boolean {
    const descriptor = this.#descriptors[number] as number
    if (descriptor === THROUGH_STREAM) return false
    let taken = 0
    try {
      taken = writeSync(descriptor, frame, 0, frame.length, null)
    } catch {
      // The kernel has no room, or the connection is broken: the stream will find out which.
    }
    if (taken === 0) return false
    if (taken < frame.length) this.#connections[number]?.writeThrough(frame.subarray(taken))
    return true
  }
}

/** One connection: frames go directly to the kernel, and through the stream while that has something left. */
export class DirectConnection {
  /** Its place among the direct writes. */
  readonly number: number
  readonly #writes: DirectWrites
  readonly #socket: Duplex
  /** -1 for connections that are not plain TCP (TLS, say). */
  readonly #descriptor: number
  #isOver = false

  constructor(writes: DirectWrites, number: number, socket: Duplex) {
    this.#writes = writes
    this.number = number
    this.#socket = socket
    const isPlain = socket instanceof Socket && !('encrypted' in socket)
    this.#descriptor = (isPlain ? (socket as Handled)._handle?.fd : undefined) ?? THROUGH_STREAM
    if (this.#descriptor !== THROUGH_STREAM) this.#watch()
  }

  /** Bytes that the kernel has not taken yet. */
  get unsent(): number {
    return this.#writes.isDirect(this.number) ? 0 : this.#socket.writableLength
  }

  write(frame: Buffer): void {
    if (!this.#writes.isDirect(this.number)) this.#resume()
    if (!this.#writes.write(this.number, frame)) this.writeThrough(frame)
  }

  writeThrough(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  /** The socket is gone. To be called once. */
  close(): void {
    this.#isOver = true
    this.#writes.close(this.number)
  }

  #resume(): void {
    if (this.#isOver || this.#descriptor === THROUGH_STREAM || this.#socket.writableLength > 0) return
    this.#writes.resume(this.number, this.#descriptor)
  }

  /** Stands before whatever uses or closes the descriptor beside us. */
  #watch(): void {
    const socket = this.#socket
    const { write, end, _destroy } = socket
    socket.write = ((...args: Parameters<Duplex['write']>) => {
      this.#writes.suspend(this.number)
      return write.apply(socket, args)
    }) as Duplex['write']
    socket.end = ((...args: Parameters<Duplex['end']>) => {
      this.#leave()
      return end.apply(socket, args)
    }) as Duplex['end']
    socket._destroy = (error, callback) => {
      this.#leave()
      _destroy.call(socket, error, callback)
    }
  }

  #leave(): void {
    this.#isOver = true
    this.#writes.suspend(this.number)
  }
}
