import type { FigureDefinition } from '@terrane/engine'
import type { FrontierKinds } from '../kinds.js'
import { regionOf } from '../regions/region-of.js'
import { isRegionZone, NEXUS_ZONE } from '../regions/zone-names.js'
import type { GalaxyPolicy } from './policy.js'

type Figure = FigureDefinition<FrontierKinds>

const inNexus = (zone: string) => zone === NEXUS_ZONE

/** What operators watch: how near the galaxy is to what its machines are sized for, and what was not attached. */
export function createFigures({ regionsTarget, alertShare }: GalaxyPolicy) {
  const regionsActive: Figure = {
    help: 'attached player-owned regions that are active',
    in: inNexus,
    read: (tables) => tables.gates.by.state.count('active'),
    alertAt: regionsTarget * alertShare,
  }
  const regionsDormant: Figure = {
    help: 'attached player-owned regions that sleep',
    in: inNexus,
    read: (tables) => tables.gates.by.state.count('dormant'),
  }
  const regionsTargeted: Figure = {
    help: 'active regions for which the machines are sized; no limit',
    in: inNexus,
    read: () => regionsTarget,
  }
  const attachmentWaiting: Figure = {
    help: '1 while the region waits for its warp to the Nexus',
    in: isRegionZone,
    read: (tables) => Number(regionOf(tables)?.attachment === 'waiting'),
  }
  const attachmentFailed: Figure = {
    help: '1 when the Nexus refused the region, or did not answer it: attach it again',
    in: isRegionZone,
    read: (tables) => Number(['refused', 'given_up'].includes(regionOf(tables)?.attachment ?? '')),
    alertAt: 1,
  }
  return { regionsActive, regionsDormant, regionsTargeted, attachmentWaiting, attachmentFailed }
}
