import type { Car, CoreRow, Drone, Limbs, Runner, SlotRow } from '@terrane/world-maglev'
import type { LiveLink } from '../../live/live-link.js'

/** Head and hands of somebody with a headset. */
interface PoseRow {
  readonly player: string
  readonly limbs: Limbs
}

/** What one car looked like in one frame of the server's: rows of one tick. */
export interface Snapshot {
  /** When it is to be shown as the present, less the delay of all: on the page's monotonic clock, ms. */
  readonly at: number
  readonly car: Car
  readonly runners: ReadonlyMap<string, Runner>
  readonly cores: ReadonlyMap<number, CoreRow>
  readonly drones: ReadonlyMap<number, Drone>
  readonly slots: ReadonlyMap<number, SlotRow>
  readonly poses: ReadonlyMap<string, PoseRow>
}

/** Rows are never changed once they are there, so references are a copy. */
export function takeSnapshot(link: Pick<LiveLink, 'rows' | 'row'>, zone: string, at: number): Snapshot | undefined {
  const car = link.row('cars', zone) as Car | undefined
  if (car === undefined) return undefined
  const all = <K, Row>(kind: string) => new Map(link.rows(kind) as Iterable<readonly [K, Row]>)
  return {
    at,
    car,
    runners: all<string, Runner>('runners'),
    cores: all<number, CoreRow>('cores'),
    drones: all<number, Drone>('drones'),
    slots: all<number, SlotRow>('slots'),
    poses: all<string, PoseRow>('poses'),
  }
}
