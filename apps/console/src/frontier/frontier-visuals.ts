import { title } from '../format.js'
import { textIn } from '../world/row.js'
import type { WorldVisuals } from '../world/world-view.js'
import { Chronicle } from './Chronicle.js'
import { FrontierActions } from './FrontierActions.js'
import { FrontierControls } from './FrontierControls.js'
import { FrontierPlayer } from './FrontierPlayer.js'
import { frontierMap } from './frontier-map.js'

/** The reference universe, as this page shows it. */
export const frontierVisuals: WorldVisuals = {
  title: 'Frontier',
  map: frontierMap,
  label: (kind, row) => {
    switch (kind) {
      case 'sectors':
      case 'players':
        return textIn(row, 'name')
      case 'ships':
        return textIn(row, 'name')
      case 'resourceNodes':
        return title(textIn(row, 'resource'))
      case 'structures':
        return title(textIn(row, 'kind'))
      case 'inventories':
        return `${textIn(row, 'amount')} ${textIn(row, 'item')}`
      case 'lanes':
        return `${textIn(row, 'source')} – ${textIn(row, 'target')}`
      case 'chronicle':
        return `${title(textIn(row, 'event'))} ${textIn(row, 'captain')}`.trim()
      default:
        return undefined
    }
  },
  controls: FrontierControls,
  rowActions: FrontierActions,
  background: FrontierPlayer,
  mapOverlay: Chronicle,
  page: undefined,
}
