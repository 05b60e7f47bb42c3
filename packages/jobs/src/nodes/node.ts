import { TerraneError } from '@terrane/core'
import { type SlotList, slotList } from '../claims/slot-lists.js'
import type { Access } from './eligibility.js'

/** A contributor's machine, as it is registered. */
export interface NodeSpec {
  /** Its public key. */
  readonly id: string
  /** The user whose it is. */
  readonly owner: string
  readonly totalCores: number
  readonly maxParallel: number
  /** Its owner's consent: whose jobs it computes. */
  readonly share: Access
  /** Chunks that other nodes have confirmed, as far as is known from before. Default: 0. */
  readonly confirmations?: number | undefined
  /** Found to lie before: it gets no work. Default: false. */
  readonly isDistrusted?: boolean | undefined
  /** Names what it computes with: a node that was found to be outdated gets work again when this is another one. */
  readonly software?: string | undefined
}

export interface NodeStatus {
  readonly id: string
  readonly capacity: number
  readonly inFlight: number
  readonly confirmations: number
  readonly isDistrusted: boolean
  /** Why it gets no work until it is updated. */
  readonly outdated: string | undefined
  /** Of one of its cores, over its latest chunks, from claim to completion; undefined before the first. */
  readonly unitsPerSecond: number | undefined
}

/** Weight of the latest chunk in a node's speed. */
const WEIGHT = 0.2

/** A node as the runtime knows it. */
export class Node {
  readonly id: string
  readonly owner: string
  number = -1
  readonly claims: SlotList = slotList()
  share: Access
  /** Chunks that it may have at a time. */
  capacity = 0
  confirmations: number
  software: string | undefined
  /** Why results of this software are not accepted; undefined while they are. */
  outdated: string | undefined
  #msPerUnit: number | undefined

  constructor(spec: NodeSpec) {
    this.id = spec.id
    this.owner = spec.owner
    this.share = spec.share
    this.confirmations = spec.confirmations ?? 0
    this.software = spec.software
  }

  get unitsPerSecond(): number | undefined {
    return this.#msPerUnit === undefined ? undefined : 1_000 / this.#msPerUnit
  }

  /** A chunk that it has computed. */
  measured(units: number, elapsedMs: number): void {
    // A clock of whole milliseconds is not fine enough for less.
    const msPerUnit = Math.max(1, elapsedMs) / units
    this.#msPerUnit =
      this.#msPerUnit === undefined ? msPerUnit : this.#msPerUnit + (msPerUnit - this.#msPerUnit) * WEIGHT
  }
}

/** Chunks that a node may have at a time. Throws `invalid_node`. */
export function capacityOf({ totalCores, maxParallel }: Pick<NodeSpec, 'totalCores' | 'maxParallel'>): number {
  const capacity = Math.min(maxParallel, totalCores)
  if (Number.isSafeInteger(capacity) && capacity >= 0) return capacity
  throw new TerraneError('invalid_node', `${totalCores} cores, of which ${maxParallel} may work, are no numbers`, {
    hint: 'Give both as whole numbers from 0 on.',
  })
}
