/** What the engine reports to whoever operates it. Nothing here is an answer to a player. */
export type EngineEvent =
  | {
      readonly type: 'zone_opened'
      readonly zone: string
      readonly epoch: number
      readonly rows: number
      /** Of log that had to be read for it. */
      readonly replayedBytes: number
      /** A copy had followed the zone, so its tables were not read. */
      readonly isWarm: boolean
      readonly tookMs: number
    }
  | { readonly type: 'zone_created'; readonly zone: string; readonly rows: number }
  | { readonly type: 'zone_closed'; readonly zone: string; readonly why: ZoneEnd }
  | { readonly type: 'zone_stalled'; readonly zone: string; readonly cause: unknown }
  | { readonly type: 'zone_resumed'; readonly zone: string }
  | { readonly type: 'zone_failed'; readonly zone: string; readonly cause: unknown }
  | {
      readonly type: 'input_failed'
      readonly zone: string
      readonly input: string
      readonly player: string
      readonly cause: unknown
    }
  | { readonly type: 'command_failed'; readonly zone: string; readonly command: string; readonly cause: unknown }
  | { readonly type: 'figure_failed'; readonly zone: string; readonly figure: string; readonly cause: unknown }
  | { readonly type: 'tick_failed'; readonly zone: string; readonly tick: string; readonly cause: unknown }
  | {
      /** An op, or the refusal of one, could not be applied and became a dead letter. `cause`: what world code threw, or why. */
      readonly type: 'op_dead'
      readonly zone: string
      readonly sender: string
      readonly op: string
      readonly args: string
      readonly code: string
      readonly reason: string
      readonly cause: unknown
    }
  /** A row could not be handed over, because the world's code failed; it stays, and is tried again. */
  | {
      readonly type: 'handover_failed'
      readonly zone: string
      readonly kind: string
      readonly key: string
      readonly to: string
      readonly cause: unknown
    }
  /** What another zone said cannot be read: it may be of another version. Nothing durable depends on it. */
  | { readonly type: 'note_failed'; readonly zone: string; readonly from: string; readonly cause: unknown }
  | { readonly type: 'checkpoint_failed'; readonly zone: string; readonly cause: unknown }
  /** Zones with interrupted work could not be found or opened; it is tried again. */
  | { readonly type: 'unsettled_zones'; readonly cause: unknown }
  /** A copy of a zone that another process owns could not be kept current; it is tried again. Without a zone: none of them. */
  | { readonly type: 'follow_failed'; readonly zone?: string; readonly cause: unknown }
  | { readonly type: 'lease_failed'; readonly cause: unknown }

/** Why a zone is no longer here: put away, taken over by another process, or broken. */
export type ZoneEnd = 'drained' | 'idle' | 'fenced' | 'failed' | 'stopped'

export type Report = (event: EngineEvent) => void
