import { title } from '../format.js'
import type { MapTheme, PointTheme } from '../map/map-theme.js'
import type { Shape } from '../map/point-set.js'
import type { KindDescriptor } from './descriptor.js'
import { textIn } from './row.js'

/** Told apart by people with any colour vision, together with the shapes. */
const COLORS = [0x7fb2ff, 0xf2b75c, 0x63d2a8, 0xd99cff, 0xff8f78, 0xd4f26a] as const
const SHAPES_IN_TURN: readonly Shape[] = ['disc', 'diamond', 'square', 'ring']

/** A scatter of every kind that has a position, for worlds without visuals of their own. */
export function genericTheme(kinds: readonly KindDescriptor[]): MapTheme {
  const points: PointTheme[] = []
  const entries = []
  for (const kind of kinds) {
    const { visible } = kind
    if (visible.to !== 'nearby') continue
    const color = COLORS[points.length % COLORS.length] as number
    const shape = SHAPES_IN_TURN[points.length % SHAPES_IN_TURN.length] as Shape
    const names = kind.columns.find((column) => column.name === 'name')
    const owner = kind.columns.find((column) => column.name === 'owner')
    points.push({
      kind: kind.name,
      x: visible.x,
      y: visible.y,
      look: (_row, mine) => ({ color: mine ? MINE : color, size: 4, shape }),
      ...(owner === undefined ? {} : { owner: owner.name }),
      label: (row) => textIn(row, names?.name ?? kind.key),
      labelBelow: 0,
      pulse: true,
    })
    entries.push({ label: title(kind.name), color, shape })
  }
  return { points, legend: entries.length === 0 ? [] : [{ title: 'Kinds', entries }] }
}

const MINE = 0xffffff
