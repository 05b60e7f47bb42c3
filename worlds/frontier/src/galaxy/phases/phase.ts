import type { RegionDraft } from '../region-draft.js'

/** One step of the generation. It changes the draft. */
export interface Phase {
  readonly number: number
  /** As a person reads it. */
  readonly name: string
  /** Returns what it has made, for the checksum. */
  run(draft: RegionDraft): unknown
}
