import type { Car, CoreRow, Drone, Runner, SlotRow } from '../kinds.js'
import { type CarZone, COURIER, TERMINAL } from '../rules.js'

/** Rows of a kind: a table of the engine's, or of a client's. */
interface Rows<Row> {
  get(key: string | number): Readonly<Row> | undefined
  all(): Iterable<Readonly<Row>>
}

/** What a player sees of one car. */
export interface CarView {
  readonly cars: Rows<Car>
  readonly runners: Rows<Runner>
  readonly cores: Rows<CoreRow>
  readonly slots: Rows<SlotRow>
  readonly drones: Rows<Drone>
}

/** What a player sees of the train. */
export type TrainView = Readonly<Record<CarZone, CarView>>

/** In which car a player's runner is; undefined while it goes through the door, and before they are enlisted. */
export function whereIs(
  train: TrainView,
  player: string,
): { readonly zone: CarZone; readonly runner: Runner } | undefined {
  for (const zone of [COURIER, TERMINAL]) {
    const runner = train[zone].runners.get(player)
    if (runner !== undefined) return { zone, runner }
  }
  return undefined
}
