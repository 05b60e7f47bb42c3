import { messageOf } from '@terrane/core'
import type { EngineEvent } from '@terrane/engine'
import type { Logger } from '../process/log.js'

/** The same trouble is told at most this often: a faulty input may come a thousand times a second. */
const REPEAT_MS_MIN = 10_000
/** Distinct kinds of trouble that are kept apart. */
const KINDS_MAX = 1_000

interface Told {
  atMs: number
  unsaid: number
}

/** Writes what the engine reports to the log, in words. */
export class EventLog {
  readonly #log: Logger
  readonly #told = new Map<string, Told>()

  constructor(log: Logger) {
    this.#log = log
  }

  report(event: EngineEvent): void {
    switch (event.type) {
      case 'zone_opened':
      case 'zone_created':
      case 'zone_closed': {
        const { type, ...details } = event
        this.#log.debug(details, type)
        return
      }
      case 'zone_resumed':
        this.#log.info({ zone: event.zone }, 'the zone takes inputs again')
        return
      case 'zone_stalled':
        this.#log.warn(
          { zone: event.zone, why: messageOf(event.cause) },
          'the database does not take what the zone does; it refuses inputs until then',
        )
        return
      case 'zone_failed':
        this.#log.error({ zone: event.zone, err: event.cause }, 'the zone failed')
        return
      default:
        this.#trouble(event)
    }
  }

  #trouble(event: Extract<EngineEvent, { cause: unknown }>): void {
    const { type, cause, ...details } = event
    const key = `${type} ${'zone' in event ? event.zone : ''} ${'input' in event ? event.input : ''} ${messageOf(cause)}`
    const nowMs = performance.now()
    const told = this.#told.get(key)
    if (told !== undefined && nowMs - told.atMs < REPEAT_MS_MIN) {
      told.unsaid++
      return
    }
    if (told === undefined && this.#told.size >= KINDS_MAX) this.#told.clear()
    this.#told.set(key, { atMs: nowMs, unsaid: 0 })
    const repeated = told === undefined || told.unsaid === 0 ? {} : { repeated: told.unsaid }
    // The world's own failures need a stack to be mended; the database's do not.
    const isWorlds = WORLDS_OWN.has(type)
    if (isWorlds) this.#log.error({ ...details, ...repeated, err: cause }, TEXTS[type])
    else this.#log.warn({ ...details, ...repeated, why: messageOf(cause) }, TEXTS[type])
  }
}

const WORLDS_OWN: ReadonlySet<string> = new Set([
  'input_failed',
  'command_failed',
  'tick_failed',
  'figure_failed',
  'handover_failed',
  'op_dead',
])

const TEXTS: Readonly<Record<string, string>> = {
  input_failed: "the world's code failed; the input was rolled back",
  command_failed: "the world's code failed; the command was rolled back",
  tick_failed: "the world's code failed; the tick was rolled back",
  figure_failed: "the world's code failed; the figure is not told",
  op_dead: 'an op between zones could not be applied; it is kept as a dead letter',
  handover_failed: "the world's code failed; the row was not handed over",
  note_failed: 'what another zone said cannot be read',
  unsettled_zones: 'zones with interrupted work could not be opened; it is tried again',
  checkpoint_failed: 'a checkpoint failed; it is tried again',
  follow_failed: 'zones of other processes could not be followed; it is tried again',
  lease_failed: 'a lease could not be renewed; it is tried again',
}
