import type { CommandDefinition } from '@terrane/engine'
import { z } from 'zod'
import { inspectRegion } from '../galaxy-check/inspect-region.js'
import type { RegionFile } from '../galaxy-check/schema.js'
import type { FrontierKinds, Tx } from '../kinds.js'
import type { OpSchemas } from '../nexus/op-schemas.js'
import { populate } from '../populate.js'
import { landingOf } from './landing.js'
import { layoutOf } from './layout-of.js'
import { regionOf } from './region-of.js'
import { isHub, isRegionId, zoneOf } from './zone-names.js'

/** A region as it stands in a universe file. Its own schema is applied within, where the message can be better. */
const args = z.object({ region: z.record(z.string(), z.unknown()) })
const NO_ARGS = z.object({})

type Command<A extends z.ZodType> = CommandDefinition<FrontierKinds, A, OpSchemas>

/** Problems that are told of a region that is refused. */
const TOLD_MAX = 5

/**
 * Fills this zone with a region of a universe, all of it in one transaction. The same region again has no effect;
 * another one is refused (`region_differs`), so an import can be repeated until it is through.
 */
export const importRegion: Command<typeof args> = {
  args,
  apply(tx, { region: raw }) {
    const found = inspectRegion(raw)
    if (!('region' in found)) {
      const told = found.problems.slice(0, TOLD_MAX).map(({ element, message }) => `${element} ${message}`)
      return tx.reject('invalid_region', told.join('; '))
    }
    const { region, checksum } = found
    requireZone(tx, region)
    const present = regionOf(tx)
    if (present !== undefined && present.checksum !== checksum) {
      const what = `${present.id} with the checksum ${present.checksum} is here, not ${checksum}`
      return tx.reject('region_differs', `${what}: give the new region another name`)
    }
    if (present === undefined) insertRegion(tx, region, checksum)
    return { region: region.name, checksum, imported: present === undefined }
  },
}

/** What has been imported into this zone, how it was generated and is attached; null when nothing has been. */
export const describeRegion: Command<typeof NO_ARGS> = {
  args: NO_ARGS,
  apply(tx) {
    const region = regionOf(tx)
    if (region === undefined) return null
    return { ...region, phases: [...tx.phases.all()].map(({ position: _, ...phase }) => phase) }
  },
}

function requireZone(tx: Tx, region: RegionFile): void {
  const { name } = region
  if (!isHub(region) && !isRegionId(name)) {
    tx.reject('invalid_name', `"${name}" cannot name a region: use up to 40 lower-case letters, digits and dashes`)
  }
  const zone = zoneOf(region)
  if (tx.zone !== zone) tx.reject('wrong_zone', `${name} belongs into zone ${zone}, not ${tx.zone}`)
}

function insertRegion(tx: Tx, region: RegionFile, checksum: string): void {
  populate(tx, layoutOf(region, checksum))
  for (const [index, { latent }] of region.warps.entries()) if (latent) tx.latentWarps.insert({ lane: index + 1 })
  for (const [index, { from, to, twoWay, turns }] of region.tunnels.entries()) {
    tx.tunnels.insert({ id: index + 1, source: from, target: to, twoWay, turns })
  }
  for (const { name, type, first, last } of region.clusters) tx.clusters.insert({ name, type, first, last })
  const anchors = new Map(region.anchors.map(({ kind, sector }) => [sector, kind]))
  for (const { sector, name, class: grade } of region.stations) {
    tx.stations.insert({ sector, name, class: grade, anchor: anchors.get(sector) ?? '' })
  }
  for (const { sector, name, type } of region.planets) tx.planets.insert({ sector, name, type })
  for (const { name, kind, anchor, interior, ...details } of region.formations) {
    tx.formations.insert({ name, kind, anchor, interior, details })
  }
  for (const [index, phase] of (region.generation?.phases ?? []).entries()) {
    tx.phases.insert({ milliseconds: null, ...phase, position: index + 1 })
  }
  tx.regions.insert({
    id: region.name,
    type: region.type,
    checksum,
    seed: region.seed,
    sectors: region.sectors.length,
    capital: region.capital,
    landing: landingOf(region),
    importedAt: tx.now,
    state: 'active',
    activeAt: tx.now,
    attachment: 'detached',
    attempts: 0,
    attemptAt: 0,
    plazaSector: null,
    reason: '',
  })
}
