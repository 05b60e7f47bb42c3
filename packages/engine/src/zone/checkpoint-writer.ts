import type { Clock } from '@terrane/core'
import { type CheckpointWrite, type Store, UncertainStoreError } from '../ports/store.js'
import type { Checkpointer } from './checkpointer.js'
import type { Report } from './events.js'
import type { ZoneCounts } from './zone-counters.js'
import type { ZoneState } from './zone-state.js'

/** What it needs of the zone. */
interface CheckpointedZone {
  readonly id: string
  readonly epoch: number
  readonly state: ZoneState
  /** Memory is what is durable. */
  readonly isAtRest: boolean
  readonly durableSeq: number
  fenced(): void
}

interface CheckpointWriterOptions {
  readonly zone: CheckpointedZone
  readonly checkpointer: Checkpointer
  readonly store: Store
  readonly committer: { readonly busy: boolean }
  readonly clock: Clock
  readonly report: Report
  readonly counts: ZoneCounts
  /** Something that the zone may wait for is done. */
  readonly settle: () => void
}

/** Writes the slices of a zone's checkpoint, one at a time; one that fails is kept, and written again. */
export class CheckpointWriter {
  readonly #options: CheckpointWriterOptions
  #isWriting = false
  /** An attempt at the present slice ended without an answer. */
  #answerLost = false

  constructor(options: CheckpointWriterOptions) {
    this.#options = options
  }

  get isWriting(): boolean {
    return this.#isWriting
  }

  /** Copies a slice when memory is exactly a durable state, and writes one that is ready. */
  pump(): void {
    const { zone, checkpointer, store, clock, report } = this.#options
    if (zone.state === 'closed' || this.#isWriting) return
    if (zone.isAtRest && checkpointer.due(zone.state === 'draining')) checkpointer.copySlice(zone.durableSeq)
    const slice = checkpointer.ready(zone.durableSeq)
    if (slice === undefined) return
    this.#isWriting = true
    const startedAt = clock.now()
    store.checkpoints.write({ ...slice, epoch: zone.epoch }).then(
      (result) => {
        if (zone.state === 'closed') return
        if (result === 'fenced') void this.#findOut(slice)
        else this.#written(slice, clock.now() - startedAt)
      },
      (cause) => {
        this.#isWriting = false
        if (zone.state === 'closed') return
        // The slice is kept and tried again with the next pump.
        if (cause instanceof UncertainStoreError) this.#answerLost = true
        report({ type: 'checkpoint_failed', zone: zone.id, cause })
      },
    )
  }

  #written(slice: CheckpointWrite, tookMs: number): void {
    const { zone, checkpointer, committer, counts, settle } = this.#options
    this.#isWriting = false
    this.#answerLost = false
    counts.checkpoints++
    counts.checkpointMs += tookMs
    for (const { columns, deleted } of slice.changes)
      counts.checkpointRows += (columns[0]?.length ?? 0) + deleted.length
    checkpointer.written(tookMs, committer.busy && zone.state !== 'draining')
    this.pump()
    settle()
  }

  /** A slice whose guard did not hold: it may be our own earlier attempt that landed, or another owner. */
  async #findOut(slice: CheckpointWrite): Promise<void> {
    const { zone, store, report } = this.#options
    if (!this.#answerLost) return zone.fenced()
    try {
      const record = (await store.zones.list()).find((each) => each.zone === zone.id)
      if (zone.state === 'closed') return
      if (record?.checkpoint === slice.to && record.epoch === zone.epoch) this.#written(slice, 0)
      else zone.fenced()
    } catch (cause) {
      this.#isWriting = false
      report({ type: 'checkpoint_failed', zone: zone.id, cause })
    }
  }
}
