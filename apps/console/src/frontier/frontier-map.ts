import { title } from '../format.js'
import { type MapTheme, mixColors } from '../map/map-theme.js'
import type { Shape } from '../map/point-set.js'
import { numberIn, textIn } from '../world/row.js'
import { STRUCTURE_SPACING } from './frontier-rules.js'

const BANDS: Readonly<Record<string, number>> = { federation: 0x4fc3b0, border: 0xe3b35a, frontier: 0xe0725f }
const BAND_UNKNOWN = 0x8a97a8

const RESOURCE_COLORS: Readonly<Record<string, number>> = {
  ore: 0xd9a27a,
  ice: 0x9fd8f2,
  gas: 0xc59bf0,
  fiber: 0x8ecf7c,
}

/** Where new players start. */
const HAVEN = 0xf4f8fb
const SHIP = 0xdfe8f5
const STRUCTURE = 0x6fa8ff
const BEACON = 0xffe08a
const MINE = 0xd4f26a
const SPACE = 0x131a24

function band(name: string): number {
  return BANDS[name] ?? BAND_UNKNOWN
}

function structureShape(kind: string): Shape {
  return kind === 'beacon' ? 'ring' : 'square'
}

const STRUCTURE_SIZES: Readonly<Record<string, number>> = { foundation: 2.7, beacon: 3.4, refinery: 2.4, wall: 1.5 }

export const frontierMap: MapTheme = {
  places: {
    kind: 'sectors',
    position: (row) => ({ x: numberIn(row, 'x'), y: numberIn(row, 'y') }),
    label: (row) => textIn(row, 'name'),
    // Ordinary space is quieter than nebulae, star clusters and the rest.
    color: (row) =>
      row.haven === true ? HAVEN : mixColors(band(textIn(row, 'band')), SPACE, row.type === 'standard' ? 0.32 : 0.08),
    size: (row) => (row.haven === true ? 4.7 : row.type === 'standard' ? 2.6 : 3.8),
    glow: (row) => band(textIn(row, 'band')),
    glowRadius: 4_600,
  },
  links: {
    kind: 'lanes',
    ends: (row) => [numberIn(row, 'source'), numberIn(row, 'target')],
    color: (row) => (row.twoWay === false ? 0x2b3442 : 0x37455a),
  },
  points: [
    {
      kind: 'resourceNodes',
      x: 'x',
      y: 'y',
      look: (row) => {
        const left = numberIn(row, 'remaining') / Math.max(1, numberIn(row, 'capacity'))
        const color = RESOURCE_COLORS[textIn(row, 'resource')] ?? BAND_UNKNOWN
        return { color: mixColors(SPACE, color, 0.3 + 0.55 * left), size: 1.7, shape: 'diamond' }
      },
      label: (row) => title(textIn(row, 'resource')),
      labelBelow: 9,
      pulse: false,
    },
    {
      kind: 'structures',
      x: 'x',
      y: 'y',
      owner: 'owner',
      look: (row, mine) => {
        const kind = textIn(row, 'kind')
        const color = mine ? MINE : kind === 'beacon' ? BEACON : STRUCTURE
        return { color, size: STRUCTURE_SIZES[kind] ?? 2.1, shape: structureShape(kind) }
      },
      label: (row) => title(textIn(row, 'kind')),
      labelBelow: 5,
      spacing: STRUCTURE_SPACING,
      pulse: true,
    },
    {
      kind: 'ships',
      x: 'x',
      y: 'y',
      owner: 'owner',
      look: (_row, mine) => ({ color: mine ? MINE : SHIP, size: mine ? 5.2 : 3.7, shape: 'dart' }),
      label: (row) => textIn(row, 'captain') || textIn(row, 'name'),
      labelBelow: 22,
      pulse: false,
      course: (row) => (row.moving === true ? { x: numberIn(row, 'targetX'), y: numberIn(row, 'targetY') } : undefined),
    },
  ],
  legend: [
    {
      title: 'Security',
      entries: [
        { label: 'Haven', color: HAVEN, shape: 'disc' },
        ...Object.entries(BANDS).map(([name, color]) => ({ label: title(name), color, shape: 'disc' as const })),
      ],
    },
    {
      title: 'In space',
      entries: [
        { label: 'Ship', color: SHIP, shape: 'dart' },
        { label: 'Yours', color: MINE, shape: 'dart' },
        { label: 'Structure', color: STRUCTURE, shape: 'square' },
        { label: 'Beacon', color: BEACON, shape: 'ring' },
      ],
    },
    {
      title: 'Resources',
      entries: Object.entries(RESOURCE_COLORS).map(([name, color]) => ({
        label: title(name),
        color,
        shape: 'diamond',
      })),
    },
  ],
}
