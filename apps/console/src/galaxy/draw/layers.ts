import { FORMATION_KINDS } from '../model/formation-kinds.js'

/** What a person wants to see. */
export interface Layers {
  readonly colorBy: 'cluster' | 'band'
  readonly warps: boolean
  readonly oneWay: boolean
  readonly tunnels: boolean
  readonly stations: boolean
  readonly planets: boolean
  readonly names: boolean
  /** A bit for each of `FORMATION_KINDS`. */
  readonly formations: number
}

export const ALL_FORMATIONS = (1 << FORMATION_KINDS.length) - 1

export const ALL_LAYERS: Layers = {
  colorBy: 'cluster',
  warps: true,
  oneWay: true,
  tunnels: true,
  stations: true,
  planets: true,
  names: true,
  formations: ALL_FORMATIONS,
}
