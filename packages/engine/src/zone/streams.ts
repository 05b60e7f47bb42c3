import type { StreamPosition } from '../ports/store.js'
import type { InputStream, StreamHolder } from './zone-session.js'

/**
 * One session's hold on a stream. A second session of the same client takes the stream over and gets a
 * handle of its own, so whatever the first still does with its handle has no effect.
 */
export class StreamHandle implements InputStream {
  readonly stream: Stream
  readonly holder: StreamHolder
  /** It has not entered the world: it does with its first input. */
  watches: boolean

  constructor(stream: Stream, holder: StreamHolder, watches: boolean) {
    this.stream = stream
    this.holder = holder
    this.watches = watches
  }

  get player(): string {
    return this.stream.player
  }

  get client(): string {
    return this.stream.client
  }

  get applied(): number {
    return this.stream.applied
  }

  get durable(): number {
    return this.stream.durable
  }
}

/** The zone's side of an input stream: where one client of one player stands. */
export class Stream {
  readonly name: string
  readonly player: string
  readonly client: string
  applied = 0
  durable = 0
  handle: StreamHandle | undefined = undefined
  /** When the last input was applied, ms since the epoch. */
  at = 0
  /** Stands in the open batch's list. */
  queued = false
  /** Moved since the last checkpoint. */
  unsaved = false

  constructor(name: string) {
    this.name = name
    const cut = name.indexOf('/')
    this.client = name.slice(0, cut)
    this.player = name.slice(cut + 1)
  }
}

/** A client's name holds no slash, a player's id may. */
export function streamName(player: string, client: string): string {
  return `${client}/${player}`
}

/** All input streams of a zone. */
export class Streams {
  readonly #byName = new Map<string, Stream>()
  readonly #unsaved = new Set<Stream>()
  #ended: string[] = []
  /** Sessions per player that are in the world, to know a player's first. */
  readonly #sessions = new Map<string, number>()
  #held = 0

  get count(): number {
    return this.#byName.size
  }

  /** Streams that a session holds. */
  get held(): number {
    return this.#held
  }

  sessionsOf(player: string): number {
    return this.#sessions.get(player) ?? 0
  }

  ensure(name: string): Stream {
    let stream = this.#byName.get(name)
    if (stream === undefined) {
      stream = new Stream(name)
      this.#byName.set(name, stream)
    }
    return stream
  }

  hold(stream: Stream, holder: StreamHolder, watches: boolean): StreamHandle {
    if (stream.handle !== undefined) this.release(stream.handle)
    const handle = new StreamHandle(stream, holder, watches)
    stream.handle = handle
    this.#held++
    if (!watches) this.#count(stream.player, 1)
    return handle
  }

  /** A session that watched is in the world. */
  enter(handle: StreamHandle): void {
    handle.watches = false
    this.#count(handle.player, 1)
  }

  release(handle: StreamHandle): void {
    const stream = handle.stream
    if (stream.handle !== handle) return
    stream.handle = undefined
    this.#held--
    if (!handle.watches) this.#count(stream.player, -1)
  }

  #count(player: string, change: number): void {
    const now = this.sessionsOf(player) + change
    if (now > 0) this.#sessions.set(player, now)
    else this.#sessions.delete(player)
  }

  *handles(): IterableIterator<StreamHandle> {
    for (const stream of this.#byName.values()) if (stream.handle !== undefined) yield stream.handle
  }

  /** Sets a position that recovery read. */
  restore(name: string, lastInput: number, at: number): void {
    const stream = this.ensure(name)
    stream.applied = lastInput
    stream.durable = lastInput
    stream.at = at
  }

  markUnsaved(stream: Stream): void {
    stream.unsaved = true
    this.#unsaved.add(stream)
  }

  get unsavedCount(): number {
    return this.#unsaved.size + this.#ended.length
  }

  /** What the next checkpoint has to write; forgets that it was asked. Positions are as of now. */
  takeUnsaved(): { readonly streams: StreamPosition[]; readonly ended: string[] } {
    const streams: StreamPosition[] = []
    for (const stream of this.#unsaved) {
      stream.unsaved = false
      streams.push({ stream: stream.name, lastInput: stream.applied, at: stream.at })
    }
    this.#unsaved.clear()
    const ended = this.#ended
    this.#ended = []
    return { streams, ended }
  }

  /** Ends streams that nobody holds and that have been silent since `before`. */
  endIdle(before: number): void {
    for (const [name, stream] of this.#byName) {
      if (stream.handle !== undefined || stream.at >= before || stream.queued || stream.unsaved) continue
      this.#byName.delete(name)
      this.#ended.push(name)
    }
  }
}
