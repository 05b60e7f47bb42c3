import { isLost } from '../formations/lost.js'
import { footprint } from '../formations/site.js'
import type { RegionDraft } from '../region-draft.js'
import { PLANET_TYPES } from '../universe.js'
import type { Phase } from './phase.js'

/** Shares of the sectors. */
const DENSITIES = {
  player_owned: { stations: 0.15, planets: 0.25 },
  central_nexus: { stations: 0.05, planets: 0.1 },
} as const
const STATION_CLASS_MAX = 10

/** Anchors bring stations and a planet of their own. Stations where people can come and go; planets anywhere, lost sectors too. */
export const stationsAndPlanetsPhase: Phase = {
  number: 11,
  name: 'stations and planets',
  run: (draft) => {
    const { type, sectors, capital, anchors } = draft.parameters
    const { stations, planets } = DENSITIES[type]
    const prng = draft.random('stations and planets')
    const namer = draft.namer('stations and planets')
    const closed = new Set([...noThoroughfare(draft), ...anchors.map(({ sector }) => sector)])
    const open = [...draft.numbers()].filter((sector) => !closed.has(sector))
    draft.stations = prng
      .shuffle(open)
      .slice(0, Math.round(sectors * stations))
      .map((sector) => ({ sector, name: namer.sector(), class: prng.between(1, STATION_CLASS_MAX) }))
      .sort((a, b) => a.sector - b.sector)
    draft.planets = prng
      .shuffle([...draft.numbers()].filter((sector) => sector !== capital))
      .slice(0, Math.round(sectors * planets))
      .map((sector) => ({ sector, name: namer.sector(), type: prng.pick(PLANET_TYPES) }))
      .sort((a, b) => a.sector - b.sector)
    return [draft.stations, draft.planets]
  },
}

function noThoroughfare({ formations }: RegionDraft): number[] {
  return formations.filter((formation) => isLost(formation) || formation.kind === 'warp_sink').flatMap(footprint)
}
