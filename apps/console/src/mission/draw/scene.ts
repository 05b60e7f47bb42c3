import type { Car, CarZone, CoreRow, Drone, Limbs, Runner, SlotRow } from '@terrane/world-maglev'
import { bankAt, ROLLING_GRAVITY } from '@terrane/world-maglev/physics'
import { between, type FrameBuffer, tickOf } from '../model/frame-buffer.js'
import { METRE } from './view.js'

interface At {
  /** Metres. */
  readonly x: number
  readonly y: number
}

export interface SceneRunner extends At {
  readonly row: Runner
  readonly isOwn: boolean
  readonly limbs: Limbs | undefined
}

export interface SceneCore extends At {
  readonly row: CoreRow
}

export interface SceneDrone extends At {
  readonly row: Drone
}

export interface SceneSlot extends At {
  readonly row: SlotRow
}

/** How far the floor leans, radians: to the end of the train, and to its right side. */
export interface Tilt {
  readonly pitch: number
  readonly roll: number
}

/** One car at one moment. */
export interface SceneCar {
  readonly zone: CarZone
  readonly car: Car
  /** With a fraction. */
  readonly tick: number
  readonly tilt: Tilt
  readonly runners: readonly SceneRunner[]
  readonly cores: readonly SceneCore[]
  readonly drones: readonly SceneDrone[]
  readonly slots: readonly SceneSlot[]
}

/** The page's own idea of where its player is, µm. */
export interface Own extends At {
  readonly player: string
  readonly zone: CarZone | undefined
}

const LEVEL: Tilt = { pitch: 0, roll: 0 }

export function sceneCar(zone: CarZone, frames: FrameBuffer, at: number, own: Own | undefined): SceneCar | undefined {
  const moment = frames.around(at)
  if (moment === undefined) return undefined
  const { from, to, share } = moment
  const tick = tickOf(moment)
  const metres = ({ x, y }: At) => ({ x: x / METRE, y: y / METRE })
  const place = (before: At | undefined, now: At) => metres(between(before, now, share))
  const places = new Map<string, At>()
  const runners = Array.from(to.runners, ([player, row]): SceneRunner => {
    const isOwn = player === own?.player && own.zone === zone
    const where = isOwn ? metres(own) : place(from.runners.get(player), row)
    places.set(player, where)
    return { ...where, row, isOwn, limbs: to.poses.get(player)?.limbs }
  })
  return {
    zone,
    car: to.car,
    tick,
    tilt: to.car.phase === 'running' ? tiltAt(to.car.seed, tick) : LEVEL,
    runners,
    cores: Array.from(to.cores, ([id, row]) => {
      const carrier = row.carriedBy === null ? undefined : places.get(row.carriedBy)
      return { ...(carrier ?? place(from.cores.get(id), row)), row }
    }),
    drones: Array.from(to.drones, ([id, row]) => ({ ...place(from.drones.get(id), row), row })),
    slots: Array.from(to.slots, ([, row]) => ({ ...metres(row), row })),
  }
}

/** What makes cores roll, as an angle. */
function tiltAt(seed: number, tick: number): Tilt {
  const { x, y } = bankAt(seed, tick)
  return { pitch: x / ROLLING_GRAVITY, roll: y / ROLLING_GRAVITY }
}
