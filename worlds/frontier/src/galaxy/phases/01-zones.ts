import type { Zone } from '../universe.js'
import type { Phase } from './phase.js'

/** Shares of the sectors, outwards from the capital. */
const FEDERATION_SHARE = 0.33
const FRONTIER_SHARE = 0.33

/** Security bands. Numbers grow outwards from the capital, so a band is a range of numbers. */
export const zonesPhase: Phase = {
  number: 1,
  name: 'zones',
  run: (draft) => {
    const { type, sectors } = draft.parameters
    draft.zones = type === 'central_nexus' ? nexusZones(sectors) : regionZones(sectors)
    return draft.zones
  },
}

function nexusZones(sectors: number): Zone[] {
  return [{ band: 'expanse', first: 1, last: sectors, policing: 3, danger: 6 }]
}

function regionZones(sectors: number): Zone[] {
  const federation = Math.round(sectors * FEDERATION_SHARE)
  const border = sectors - Math.round(sectors * FRONTIER_SHARE)
  return [
    { band: 'federation', first: 1, last: federation, policing: 9, danger: 1 },
    { band: 'border', first: federation + 1, last: border, policing: 5, danger: 4 },
    { band: 'frontier', first: border + 1, last: sectors, policing: 2, danger: 8 },
  ]
}
