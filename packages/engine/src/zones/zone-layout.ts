import type { Bounds } from '@terrane/causality'
import { hilbertOf, personaCode } from '@terrane/causality'
import { TerraneError } from '@terrane/core'
import type { ZoneAddress } from './zone-address.js'

/** What a zone has authority over: places, or players' own rows. */
export type Authority = 'spatial' | 'persona'

/** The zones that a world begins with. */
export interface ZonesDefinition {
  /** Zones of space: by name, or space cut into pieces; default `["main"]`. They stay loaded. */
  readonly spatial?: readonly string[] | SpaceDefinition
  /**
   * Zones for players' own rows: players are spread over them by the hash of their ids. Opened when they are needed, and
   * put away when they have not been for a while; with `stays` they are loaded from the start, so that what they must
   * write soon never waits for that.
   */
  readonly persona?: { readonly count: number; readonly stays?: boolean }
}

/** Space, cut into ranges of its Hilbert curve: zones are compact, and neighbours in space are mostly one zone. */
export interface SpaceDefinition {
  /** Zones at the beginning: `space-1`, `space-2`, … */
  readonly count: number
  /** What lies outside belongs to the nearest cell inside; 1,024 cells along each axis. */
  readonly bounds: Bounds
}

/** Which zone a row belongs in: no other zone can write it. */
export type Placement<Row> =
  /** The persona zone of the player whose id `column` holds. */
  | { readonly by: 'player'; readonly column: keyof Row & string }
  /** The zone of space at the position in these columns, in units of the world's `bounds`. */
  | {
      readonly by: 'position'
      readonly x: keyof Row & string
      readonly y: keyof Row & string
      readonly z: keyof Row & string
    }

/** Zones at the beginning: more make the map long, and each has a log of its own. */
const COUNT_MAX = 4_096
const DEFAULT_ZONES: readonly string[] = ['main']

/** What a world says about its zones, in one form. */
export interface ZoneLayout {
  /** Zones by name, which are in no map. */
  readonly named: readonly string[]
  readonly space: SpaceDefinition | undefined
  readonly personaCount: number
  readonly personaStays: boolean
  /** What the zones in the world's map have authority over; empty when all zones go by name. */
  readonly authorities: readonly Authority[]
  /** The zones that stay loaded, at the beginning: named ones, those of space, and those of players that stay. */
  readonly standing: readonly string[]
}

export function zoneLayoutOf(zones: readonly string[] | ZonesDefinition | undefined): ZoneLayout {
  const { spatial = DEFAULT_ZONES, persona }: ZonesDefinition = isNames(zones) ? { spatial: zones } : (zones ?? {})
  const space = isNames(spatial) ? undefined : spatial
  for (const [what, count] of [
    ['persona', persona?.count],
    ['spatial', space?.count],
  ] as const) {
    if (count !== undefined && !(Number.isInteger(count) && count >= 1 && count <= COUNT_MAX)) {
      throw invalid(`zones.${what}.count is ${count}`, `Give a whole number from 1 to ${COUNT_MAX}.`)
    }
  }
  const named = isNames(spatial) ? spatial : []
  const pieces = Array.from({ length: space?.count ?? 0 }, (_, i) => zoneName('spatial', i + 1))
  const personaStays = persona?.stays ?? false
  const personas = Array.from({ length: personaStays ? (persona?.count ?? 0) : 0 }, (_, i) =>
    zoneName('persona', i + 1),
  )
  const authorities: Authority[] = []
  if (space !== undefined) authorities.push('spatial')
  if (persona !== undefined) authorities.push('persona')
  for (const authority of authorities) {
    const taken = named.find((name) => name.startsWith(PREFIXES[authority]))
    if (taken !== undefined) throw invalid(`a zone is named "${taken}"`, `${PREFIXES[authority]}… are the map's zones.`)
  }
  const standing = [...named, ...pieces, ...personas]
  return { named, space, personaCount: persona?.count ?? 0, personaStays, authorities, standing }
}

const PREFIXES: Readonly<Record<Authority, string>> = { spatial: 'space-', persona: 'persona-' }

/** The name of the `number`th zone in the map. */
export function zoneName(authority: Authority, number: number): string {
  return `${PREFIXES[authority]}${number}`
}

/** Its number, if it is the name of such a zone. */
export function zoneNumberIn(authority: Authority, zone: string): number | undefined {
  const prefix = PREFIXES[authority]
  const number = zone.startsWith(prefix) ? Number(zone.slice(prefix.length)) : 0
  return number >= 1 && zoneName(authority, number) === zone ? number : undefined
}

/** What a zone of such a world has authority over, also when it is in no map any more. */
export function authorityOf(layout: ZoneLayout, zone: string): Authority {
  return layout.personaCount > 0 && zoneNumberIn('persona', zone) !== undefined ? 'persona' : 'spatial'
}

/** Where an address is in the map. Undefined when the world's map has no such zones. */
export function codeOf(layout: ZoneLayout, address: Exclude<ZoneAddress, string>): AddressCode | undefined {
  if ('persona' in address) {
    return layout.personaCount === 0 ? undefined : { authority: 'persona', code: personaCode(address.persona) }
  }
  return layout.space && { authority: 'spatial', code: hilbertOf(address.place, layout.space.bounds) }
}

export interface AddressCode {
  readonly authority: Authority
  /** From 0 to `CODE_MAX`. */
  readonly code: number
}

/** Where a row is in the map. The layout must have such zones. */
export function codeOfRow(
  layout: ZoneLayout,
  placed: Placement<Record<string, unknown>>,
  row: Readonly<Record<string, unknown>>,
): AddressCode | undefined {
  if (placed.by === 'player') return codeOf(layout, { persona: String(row[placed.column]) })
  const at = (column: string) => Number(row[column])
  return codeOf(layout, { place: { x: at(placed.x), y: at(placed.y), z: at(placed.z) } })
}

function isNames(zones: readonly string[] | object | undefined): zones is readonly string[] {
  return Array.isArray(zones)
}

function invalid(message: string, hint: string): TerraneError {
  return new TerraneError('invalid_world', message, { hint })
}
