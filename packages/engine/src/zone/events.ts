/** What the engine reports to whoever operates it. Nothing here is an answer to a player. */
export type EngineEvent =
  | {
      readonly type: 'zone_opened'
      readonly zone: string
      readonly epoch: number
      readonly rows: number
      readonly replayedBytes: number
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
  | { readonly type: 'checkpoint_failed'; readonly zone: string; readonly cause: unknown }
  /** Zones with interrupted work could not be found or opened; it is tried again. */
  | { readonly type: 'unsettled_zones'; readonly cause: unknown }
  | { readonly type: 'lease_failed'; readonly cause: unknown }

/** Why a zone is no longer here: put away, taken over by another process, or broken. */
export type ZoneEnd = 'drained' | 'idle' | 'fenced' | 'failed' | 'stopped'

export type Report = (event: EngineEvent) => void
