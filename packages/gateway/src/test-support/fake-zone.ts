import { TerraneError } from '@terrane/core'
import {
  type InputStream,
  type ResumeFrom,
  STATE_HEADROOM,
  type StateFrame,
  type StateSink,
  type StreamHolder,
  type SubmitOutcome,
  type Subscription,
  type ZoneSessions,
} from '@terrane/engine'
import { type Focus, SKIP, type WireError, wireError } from '@terrane/protocol'
import type { GatewayWorld } from '../zone-services.js'

export const FAKE_WORLD: GatewayWorld = {
  name: 'fake',
  inputs: [
    { name: 'move', fields: ['x', 'y'] },
    { name: 'craft', fields: ['item'] },
    { name: 'fail', fields: [] },
    { name: 'shout', fields: ['text'], perSecond: 2 },
    { name: 'crash', fields: [] },
  ],
  kinds: [{ name: 'ships', columns: ['id', 'x', 'y'], types: ['text', 'double', 'double'], key: 0 }],
}

interface FakeStream extends InputStream {
  applied: number
  durable: number
  holder: StreamHolder | undefined
}

/** A zone of the interface that the gateway sees: it numbers, applies and commits, and has no world. */
export class FakeZone implements ZoneSessions {
  readonly id: string
  readonly epoch = 7
  readonly hz = 20
  /** What was executed, in order, without skipped numbers. */
  readonly executed: { player: string; seq: number; input: number; args: unknown }[] = []
  readonly sinks = new Map<StateSink, { focus: Focus; resume: ResumeFrom | undefined; resyncs: number[][] }>()
  /** Whether inputs become durable by themselves, in the next turn. */
  commits: 'soon' | 'by hand' = 'soon'
  available = true
  keepsLog = true
  readonly #streams = new Map<string, FakeStream>()
  readonly #dirty = new Set<FakeStream>()
  #commitAsked = false

  constructor(id = 'main') {
    this.id = id
  }

  open(player: string, client: string, holder: StreamHolder): InputStream {
    const key = `${player}/${client}`
    let stream = this.#streams.get(key)
    if (stream === undefined) {
      stream = { player, client, applied: 0, durable: 0, holder: undefined }
      this.#streams.set(key, stream)
    }
    const before = stream.holder
    stream.holder = holder
    before?.onClosed(wireError('replaced'))
    return stream
  }

  close(stream: InputStream): void {
    ;(stream as FakeStream).holder = undefined
  }

  /** Streams that somebody holds. */
  get held(): number {
    return [...this.#streams.values()].filter((stream) => stream.holder !== undefined).length
  }

  submit(held: InputStream, seq: number, input: number, args: unknown): SubmitOutcome {
    const stream = held as FakeStream
    if (seq <= stream.applied) return 'past'
    if (seq > stream.applied + 1) return 'gap'
    stream.applied = seq
    this.#dirty.add(stream)
    if (this.commits === 'soon' && !this.#commitAsked) {
      this.#commitAsked = true
      setImmediate(() => this.commit())
    }
    if (input === SKIP) return undefined
    if (!this.available) return { rejected: wireError('zone_unavailable') }
    if (input === 4) throw new Error('the zone has a bug')
    if (this.keepsLog) this.executed.push({ player: stream.player, seq, input, args })
    if (input === 0) return moveError(args)
    if (input === 1) return { result: { made: Array.isArray(args) ? args[0] : (args as { item: unknown }).item } }
    if (input === 2) return { rejected: { code: 'no_wood', message: 'you have no wood', retry: 'never' } }
    return input === 3 ? undefined : { rejected: wireError('unknown_input') }
  }

  /** Makes durable what is applied. */
  commit(): void {
    this.#commitAsked = false
    for (const stream of this.#dirty) {
      stream.durable = stream.applied
      stream.holder?.onDurable(stream)
    }
    this.#dirty.clear()
  }

  subscribe(sink: StateSink, _player: string, focus: Focus, resume?: ResumeFrom): Subscription {
    if (focus.mode === 'all') throw new TerraneError('forbidden', 'nobody may watch the whole zone')
    const seen = { focus, resume, resyncs: [] as number[][] }
    this.sinks.set(sink, seen)
    return {
      focus: (next) => {
        if (next.mode === 'all') throw new TerraneError('forbidden', 'nobody may watch the whole zone')
        seen.focus = next
      },
      resync: (cells) => seen.resyncs.push([...cells]),
      close: () => this.sinks.delete(sink),
    }
  }

  /** Delivers one frame to all that are ready; returns to how many. */
  publish(payload: Uint8Array): number {
    const bytes = new Uint8Array(STATE_HEADROOM + payload.length)
    bytes.set(payload, STATE_HEADROOM)
    const frame: StateFrame = { bytes, encoded: new Map() }
    let count = 0
    for (const sink of this.sinks.keys()) {
      if (!sink.ready()) continue
      sink.deliver(frame)
      count++
    }
    return count
  }

  /** Ends all streams, as a zone that moves does. */
  closeAll(error: WireError): void {
    for (const stream of this.#streams.values()) {
      const holder = stream.holder
      stream.holder = undefined
      holder?.onClosed(error)
    }
  }
}

function moveError(args: unknown): SubmitOutcome {
  const x = Array.isArray(args) ? args[0] : (args as { x?: unknown }).x
  return typeof x === 'number' ? undefined : { rejected: wireError('invalid_args', 'x: a number is expected') }
}
