/** How gateways of several processes reach each other. Messages may be lost, not reordered between two processes. */
export interface RelayLink {
  /** This process, as it is called in the leases of its zones. */
  readonly self: string
  /** False: it was dropped. */
  send(node: string, bytes: Uint8Array): boolean
  /** Delivers what others send to this process. Called once. */
  listen(handler: (bytes: Uint8Array) => void): void
  /** Which process holds the zone, and still may; undefined when none does, as far as is known. */
  holderOf(zone: string): Promise<string | undefined>
  /** The zone was not there. */
  forget(zone: string): void
}

/** How often both ends say that they are there, and how long silence may last, ms. */
export const BEAT_MS = 1_000
export const SILENT_MS_MAX = 4_000
