/** Names a claim as its completion does. */
interface Completed {
  readonly jobId: string
  readonly token: string
  readonly node: string
}

/**
 * What was accepted for the latest claims, to tell a repeated completion from a contradicting one. A
 * claim is remembered until `capacity` later ones have been given: memory is bounded, and whoever
 * repeats itself later than that hears that its claim is stale, which is as harmless.
 */
export class CompletionMemory {
  readonly #capacity: number
  readonly #sequences: number[] = []
  readonly #jobIds: string[] = []
  readonly #tokens: string[] = []
  readonly #nodes: string[] = []
  readonly #digests: string[] = []

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  remember(sequence: number, { jobId, token, node }: Completed, digest: string): void {
    const index = sequence % this.#capacity
    // One that was given so long ago and comes only now must not displace a later one.
    if ((this.#sequences[index] ?? -1) > sequence) return
    this.#sequences[index] = sequence
    this.#jobIds[index] = jobId
    this.#tokens[index] = token
    this.#nodes[index] = node
    this.#digests[index] = digest
  }

  /** Digest of what that node has had accepted for that claim. */
  digestOf(sequence: number, { jobId, token, node }: Completed): string | undefined {
    const index = sequence % this.#capacity
    const isSame = this.#tokens[index] === token && this.#jobIds[index] === jobId && this.#nodes[index] === node
    return isSame ? this.#digests[index] : undefined
  }
}
