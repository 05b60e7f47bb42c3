import { joinedSectors } from './formation-kinds.js'
import type { Galaxy, GalaxyCluster, GalaxyFormation, GalaxyRegion } from './galaxy.js'
import type { Box } from './sky.js'

/** What can be selected, by names that hold for every copy of the universe. */
export type Target =
  | { readonly kind: 'region'; readonly region: string }
  | { readonly kind: 'sector'; readonly region: string; readonly number: number }
  | { readonly kind: 'cluster'; readonly region: string; readonly name: string }
  | { readonly kind: 'formation'; readonly region: string; readonly name: string }

/** A target as it is in one galaxy. */
export type Found =
  | { readonly kind: 'region'; readonly region: GalaxyRegion }
  | { readonly kind: 'sector'; readonly region: GalaxyRegion; readonly sector: number }
  | { readonly kind: 'cluster'; readonly region: GalaxyRegion; readonly cluster: GalaxyCluster }
  | { readonly kind: 'formation'; readonly region: GalaxyRegion; readonly formation: GalaxyFormation }

export type Group = Extract<Found, { kind: 'cluster' | 'formation' }>

/** Undefined when the galaxy has nothing of the name. */
export function findTarget(galaxy: Galaxy, target: Target | undefined): Found | undefined {
  const region = galaxy.regions.find(({ name }) => name === target?.region)
  if (target === undefined || region === undefined) return undefined
  switch (target.kind) {
    case 'region':
      return { kind: 'region', region }
    case 'sector': {
      const isThere = target.number >= 1 && target.number <= region.sectors
      return isThere ? { kind: 'sector', region, sector: region.first + target.number - 1 } : undefined
    }
    case 'cluster': {
      const cluster = region.clusters.find(({ name }) => name === target.name)
      return cluster && { kind: 'cluster', region, cluster }
    }
    case 'formation': {
      const formation = region.formations.find((each) => each.formation.name === target.name)
      return formation && { kind: 'formation', region, formation }
    }
  }
}

/** The sectors that a target is about, by index; none for a region, which is all of its sectors. */
export function sectorsOfTarget(found: Found | undefined): readonly number[] {
  if (found?.kind === 'sector') return [found.sector]
  if (found?.kind === 'formation') return found.formation.sectors
  if (found?.kind !== 'cluster') return []
  const { first, last } = found.cluster
  return Array.from({ length: last - first + 1 }, (_, i) => found.region.first + first + i - 1)
}

/** Sectors that are no part of a formation, at the other ends of the edges that make it what it is; by index. */
export function neighboursOf(found: Found): number[] {
  if (found.kind !== 'formation') return []
  return joinedSectors(found.formation.formation).map((number) => found.region.first + number - 1)
}

/** Around a sector that is shown. */
const NEIGHBOURHOOD = 150
const ROOM = 60

/** What of the map shows the target. */
export function areaOf({ sky }: Galaxy, found: Found): Box {
  if (found.kind === 'region') {
    const { x, y, radius } = found.region
    return { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius }
  }
  const sectors = [...sectorsOfTarget(found), ...neighboursOf(found)]
  const x = sectors.map((sector) => sky.x[sector] as number)
  const y = sectors.map((sector) => sky.y[sector] as number)
  const room = found.kind === 'sector' ? NEIGHBOURHOOD : ROOM
  return {
    left: Math.min(...x) - room,
    top: Math.min(...y) - room,
    right: Math.max(...x) + room,
    bottom: Math.max(...y) + room,
  }
}
