import { COURIER } from '@terrane/world-maglev'
import type { MapTheme, PointTheme } from '../map/map-theme.js'
import { textIn } from '../world/row.js'
import { callSign } from './model/call-sign.js'

const TEAL = 0x58d1bd
const BLUE = 0x7fb2ff
const CORAL = 0xff8f78

const at = { x: 'x', y: 'y', labelBelow: 40_000, pulse: false } as const

/** The page that shows any world has this one's first car. */
export const missionMap: MapTheme = {
  points: [
    {
      ...at,
      kind: 'cores',
      look: () => ({ color: TEAL, size: 5, shape: 'disc' }),
      label: (row) => `Core ${textIn(row, 'id')}`,
    },
    {
      ...at,
      kind: 'runners',
      owner: 'player',
      look: (_row, mine) => ({ color: mine ? 0xffffff : BLUE, size: 7, shape: 'disc' }),
      label: (row) => callSign(textIn(row, 'player')),
    },
    {
      ...at,
      kind: 'drones',
      look: () => ({ color: CORAL, size: 7, shape: 'diamond' }),
      label: (row) => `Drone ${textIn(row, 'id')}`,
    },
  ] satisfies PointTheme[],
  legend: [
    {
      title: COURIER,
      entries: [
        { label: 'Players', color: BLUE, shape: 'disc' },
        { label: 'Data-cores', color: TEAL, shape: 'disc' },
        { label: 'Drones', color: CORAL, shape: 'diamond' },
      ],
    },
  ],
}
