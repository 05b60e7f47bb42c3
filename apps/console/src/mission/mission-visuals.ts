import { lazy } from 'react'
import { textIn } from '../world/row.js'
import type { WorldVisuals } from '../world/world-view.js'
import { missionMap } from './mission-map.js'
import { callSign } from './model/call-sign.js'

/** Loaded where this world is played. */
const MissionPage = lazy(async () => ({ default: (await import('./MissionPage.js')).MissionPage }))

/** The maglev world, as this page shows it. */
export const missionVisuals: WorldVisuals = {
  title: 'Maglev',
  map: missionMap,
  label: (kind, row) => {
    switch (kind) {
      case 'runners':
      case 'poses':
        return callSign(textIn(row, 'player'))
      case 'cores':
        return `Core ${textIn(row, 'id')}`
      case 'drones':
        return `Drone ${textIn(row, 'id')}`
      case 'slots':
        return `Slot ${textIn(row, 'id')}`
      case 'missions':
        return `Mission ${textIn(row, 'id')}`
      case 'cars':
        return textIn(row, 'car')
      default:
        return undefined
    }
  },
  controls: undefined,
  rowActions: undefined,
  background: undefined,
  mapOverlay: undefined,
  page: { title: 'Mission', content: MissionPage, entersByInput: true },
}
