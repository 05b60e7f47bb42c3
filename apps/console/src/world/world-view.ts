import type { ComponentType } from 'react'
import type { MapTheme } from '../map/map-theme.js'
import type { KindDescriptor, WorldDescriptor } from './descriptor.js'
import { genericTheme } from './generic-theme.js'
import type { Row } from './row.js'

/** How the page shows a world: derived from its descriptor, or made for it. */
export interface WorldView {
  readonly descriptor: WorldDescriptor
  readonly title: string
  readonly map: MapTheme
  /** What a row is called, where there is more to say than its key. */
  label(kind: string, row: Row): string | undefined
  /** How to play by hand: a form per input when the world brings nothing of its own. */
  readonly controls: ComponentType | undefined
  /** What a player can do with the row that is selected. */
  readonly rowActions: ComponentType<{ readonly kind: string; readonly row: Row }> | undefined
  /** Runs as long as the page, whatever panel is open. Shows nothing. */
  readonly background: ComponentType | undefined
  /** Stands in a corner of the map. */
  readonly mapOverlay: ComponentType | undefined
  /** What the world shows first instead of the map, which is then on a page beside it. */
  readonly page: WorldPage | undefined
}

interface WorldPage {
  readonly title: string
  readonly content: ComponentType
  /** Who watches is not in the world; who plays comes into it with an input that the page sends. */
  readonly entersByInput: boolean
}

/** What a world brings of its own. */
export type WorldVisuals = Omit<WorldView, 'descriptor'>

export function worldView(descriptor: WorldDescriptor, made: Readonly<Record<string, WorldVisuals>>): WorldView {
  const visuals = made[descriptor.name]
  if (visuals !== undefined) return { descriptor, ...visuals }
  return {
    descriptor,
    title: descriptor.name,
    map: genericTheme(descriptor.kinds),
    label: (_kind, row) => firstText(row, ['name', 'title', 'label']),
    controls: undefined,
    rowActions: undefined,
    background: undefined,
    mapOverlay: undefined,
    page: undefined,
  }
}

function firstText(row: Row, columns: readonly string[]): string | undefined {
  for (const column of columns) {
    const value = row[column]
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}

export function kindOf(descriptor: WorldDescriptor, name: string): KindDescriptor | undefined {
  return descriptor.kinds.find((kind) => kind.name === name)
}
