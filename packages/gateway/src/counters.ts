import { Histogram } from '@terrane/core'

/** What the gateway has counted since it started. */
export interface GatewayStats {
  /** Sockets, with those whose token is being checked. */
  readonly connections: number
  readonly sessions: number
  /** Zone channels that are joined. */
  readonly channels: number
  readonly inputs: number
  readonly framesIn: number
  readonly bytesIn: number
  readonly framesOut: number
  readonly bytesOut: number
  /** From the turn's first frame until all its inputs are applied, one sample per channel and turn, ms. */
  readonly appliedMs: Histogram
  /** Frame read to durable, one sample at a time per channel, ms. */
  readonly durableMs: Histogram
  /** Inputs, joins and other requests that were refused, by code. */
  readonly rejects: Readonly<Record<string, number>>
  /** Ended connections, by error code, or by close code when the client ended them. */
  readonly closes: Readonly<Record<string, number>>
}

export class Counters {
  channels = 0
  inputs = 0
  framesIn = 0
  bytesIn = 0
  framesOut = 0
  bytesOut = 0
  readonly appliedMs = new Histogram()
  readonly durableMs = new Histogram()
  readonly rejects: CodeCounts
  readonly closes: CodeCounts

  constructor(codesMax: number) {
    this.rejects = new CodeCounts(codesMax)
    this.closes = new CodeCounts(codesMax)
  }
}

/** Counts per code, for a bounded number of codes; the rest counts as `other`. */
export class CodeCounts {
  readonly #max: number
  readonly #counts = new Map<string, number>()

  constructor(max: number) {
    this.#max = max
  }

  add(code: string): void {
    const known = this.#counts.get(code)
    if (known !== undefined || this.#counts.size < this.#max) this.#counts.set(code, (known ?? 0) + 1)
    else this.#counts.set('other', (this.#counts.get('other') ?? 0) + 1)
  }

  toRecord(): Record<string, number> {
    return Object.fromEntries(this.#counts)
  }
}
