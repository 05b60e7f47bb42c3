/**
 * Changes with everything that a client sees differently: schemas, events, layouts, error kinds. The test
 * beside this file hashes them and fails until a change has its line here.
 */
export interface ProtocolChange {
  readonly version: number
  /** What changed, for the author of a client. */
  readonly change: string
  /** Of all schemas and constants, as the test computes it. */
  readonly hash: string
}

export const PROTOCOL_HISTORY: readonly ProtocolChange[] = [
  {
    version: 1,
    change: 'Zone channels: numbered inputs, cumulative acks, state blocks, resume; stats; presence',
    hash: 'ecd67ca269dc9029',
  },
]

export const PROTOCOL_VERSION = (PROTOCOL_HISTORY.at(-1) as ProtocolChange).version
