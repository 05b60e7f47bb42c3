import { TerraneError } from '@terrane/core'

/** Every bound of the client, with its reason. Each may be changed through the option `limits`. */
export interface ClientLimits {
  /**
   * Inputs that are sent and not yet durable: what is kept to be repeated after a crash of the server.
   * The default lies below the burst of 400 that a server allows, so that a resume is not rate-limited.
   */
  readonly pendingMax: number
  /** Bytes of one input's arguments; with a frame above the server's 64 KiB the connection would be closed. */
  readonly inputBytesMax: number
  /** Bytes and inputs of one frame of many inputs; more go in several frames. The server takes 64 KiB, 4,096. */
  readonly frameBytesMax: number
  readonly frameInputsMax: number
  /** Requests (focus, resync) that wait for their reply. */
  readonly requestsMax: number
  /** Subscribers per table, and listeners per event: more are taken for a leak. */
  readonly listenersMax: number
}

export const DEFAULT_LIMITS: ClientLimits = {
  pendingMax: 256,
  inputBytesMax: 32 * 1024,
  frameBytesMax: 48 * 1024,
  frameInputsMax: 4_096,
  requestsMax: 64,
  listenersMax: 1_000,
}

/** @throws TerraneError `invalid_options` when the limits contradict each other. */
export function checkedLimits(changes: Partial<ClientLimits> = {}): ClientLimits {
  const limits = { ...DEFAULT_LIMITS, ...changes }
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isInteger(value) || value < 1) throw invalid(`limits.${name} must be a positive integer: ${value}`)
  }
  if (limits.inputBytesMax > limits.frameBytesMax) throw invalid('limits.inputBytesMax exceeds limits.frameBytesMax')
  return limits
}

function invalid(message: string): TerraneError {
  return new TerraneError('invalid_options', message)
}
