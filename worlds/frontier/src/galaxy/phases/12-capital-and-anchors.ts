import type { Anchor, Station } from '../universe.js'
import type { Phase } from './phase.js'

/** What each anchor that is a station is called, and its class. */
const ANCHOR_STATIONS = {
  first_station: ['First Landing', 1],
  starter_spacedock: ['Starter SpaceDock', 11],
  frontier_spacedock: ['Frontier SpaceDock', 11],
  tradedock_a: ['Grand TradeDock', 11],
  tradedock_b: ['TradeDock', 11],
} as const

/** Founds the capital: Terra, the first station and the docks, where every region of the type has them. */
export const capitalAndAnchorsPhase: Phase = {
  number: 12,
  name: 'capital and anchors',
  run: (draft) => {
    const { anchors, capital } = draft.parameters
    draft.planets = bySector([...draft.planets, { sector: capital, name: 'Terra', type: 'terran' }])
    draft.stations = bySector([...draft.stations, ...anchors.flatMap(stationOf)])
    return [anchors, draft.planets, draft.stations]
  },
}

function stationOf({ kind, sector }: Anchor): Station[] {
  if (kind === 'terra') return []
  const [name, stationClass] = ANCHOR_STATIONS[kind]
  return [{ sector, name, class: stationClass }]
}

function bySector<T extends { readonly sector: number }>(things: T[]): T[] {
  return things.sort((a, b) => a.sector - b.sector)
}
