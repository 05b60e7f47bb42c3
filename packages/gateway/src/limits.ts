import { assert } from '@terrane/core'
import { CELLS_MAX } from '@terrane/protocol'

/** Every bound of the gateway, with its reason. Nothing that a client can make grow is without one. */
export interface GatewayLimits {
  /** Sessions in this process, with those that are connecting. An idle session takes about 10 KB; a core carries some 5,000 busy ones. */
  readonly sessionsMax: number
  /** Sessions of one player: one stolen or shared token must not take all places. */
  readonly sessionsPerPlayerMax: number
  /** Clients that connect at one time; the others wait. About 20 ms of work in one turn of the event loop. */
  readonly handshakesAtOnce: number
  /** Refusals that wait for the client to close, since each holds a socket; beyond it HTTP 503. */
  readonly refusalsMax: number
  /** Channels of one session. */
  readonly topicsMax: number
  /** One frame. A join that lists all cells it holds must fit: CELLS_MAX pairs of up to 16 digits. */
  readonly frameBytesMax: number
  /** Where the WebSocket parser stops reading; between the two bounds the client is told why. */
  readonly frameBytesHard: number
  /** Inputs in one binary frame: bounds the time that one frame keeps the event loop. */
  readonly inputsPerFrameMax: number
  /** Inputs of one session that are executed: a person with a pad sends 60 a second, a script a few hundred. */
  readonly inputsPerSecond: number
  readonly inputsBurst: number
  /** Frames, and refused inputs, of one session. Above this it is not a game any more: `flooding`. */
  readonly framesPerSecond: number
  readonly framesBurst: number
  /** Bytes of one session, which bounds what the cheapest content can cost: `flooding`. */
  readonly bytesPerSecond: number
  readonly bytesBurst: number
  /** Unsent bytes of a socket above which it gets no further state and acks. */
  readonly congestedBytes: number
  /** A socket that stays congested this long is closed: `too_slow`. */
  readonly congestedMs: number
  /** Unsent bytes, of replies for example, at which a socket is closed at once: `too_slow`. */
  readonly unsentBytesMax: number
  /** Without any frame for this long a session is closed: `silent`. Phoenix's own value. */
  readonly silentMs: number
  /** Results and rejections that one channel keeps until it can send them. */
  readonly outcomesMax: number
  /** Text inputs of one channel that wait until they are durable. */
  readonly repliesMax: number
  /** Metas that one topic's presence lists: a list of 2,000 has about 200 KB. */
  readonly presenceMetasMax: number
  /** Between two presence messages of one topic. */
  readonly presenceEveryMs: number
  /** How long the closing handshake may take before the socket is destroyed. */
  readonly closeMs: number
  /** `drain`: how long taken inputs may need to become durable before their sockets are closed. */
  readonly drainGraceMs: number
  /** `drain` and `stop`: sockets that are still there after this long are destroyed. */
  readonly drainMs: number
  /** Period of the look at silent and congested sessions. */
  readonly sweepMs: number
  /** Distinct codes counted in the statistics; worlds make their own, so there is no end of them. */
  readonly codesMax: number
}

const DEFAULTS: GatewayLimits = {
  sessionsMax: 10_000,
  sessionsPerPlayerMax: 100,
  handshakesAtOnce: 32,
  refusalsMax: 256,
  topicsMax: 8,
  frameBytesMax: 128 * 1024,
  frameBytesHard: 512 * 1024,
  inputsPerFrameMax: 4_096,
  inputsPerSecond: 200,
  inputsBurst: 400,
  framesPerSecond: 1_000,
  framesBurst: 2_000,
  bytesPerSecond: 256 * 1024,
  bytesBurst: 1024 * 1024,
  congestedBytes: 256 * 1024,
  congestedMs: 10_000,
  unsentBytesMax: 4 * 1024 * 1024,
  silentMs: 60_000,
  outcomesMax: 16_384,
  repliesMax: 1_024,
  presenceMetasMax: 2_000,
  presenceEveryMs: 100,
  closeMs: 5_000,
  drainGraceMs: 1_000,
  drainMs: 10_000,
  sweepMs: 1_000,
  codesMax: 64,
}

/**
 * Defaults with what the caller says. Who only sets `inputsPerSecond` (Infinity lifts it) gets the
 * bursts and the bounds on frames and bytes in proportion.
 */
export function resolveLimits(given: Partial<GatewayLimits> = {}): GatewayLimits {
  const perSecond = given.inputsPerSecond ?? DEFAULTS.inputsPerSecond
  const factor = Math.max(1, perSecond / DEFAULTS.inputsPerSecond)
  const limits: GatewayLimits = {
    ...DEFAULTS,
    inputsBurst: perSecond * 2,
    framesPerSecond: DEFAULTS.framesPerSecond * factor,
    framesBurst: DEFAULTS.framesBurst * factor,
    bytesPerSecond: DEFAULTS.bytesPerSecond * factor,
    bytesBurst: DEFAULTS.bytesBurst * factor,
    ...given,
  }
  assert(limits.inputsBurst >= 1, 'inputsBurst below 1 would refuse every input')
  assert(limits.framesPerSecond >= limits.inputsPerSecond, 'one input per frame must meet rate_limited before flooding')
  assert(limits.frameBytesMax >= CELLS_MAX * 2 * 12, 'a join that lists CELLS_MAX cells must fit in a frame')
  assert(limits.frameBytesHard > limits.frameBytesMax, 'frameBytesHard must leave room to say what was wrong')
  assert(limits.bytesBurst >= limits.frameBytesMax, 'a frame of the largest size must fit in the burst')
  assert(limits.unsentBytesMax > limits.congestedBytes, 'a socket is congested before it is cut')
  return limits
}
