import { z } from 'zod'

/** The documented JSON form of a universe, read anew from the documentation. Unknown keys are let be. */

const number = z.int().min(1)
const name = z.string().min(1)

const zone = z.object({
  band: z.enum(['expanse', 'federation', 'border', 'frontier']),
  first: number,
  last: number,
  policing: z.int().min(0).max(10),
  danger: z.int().min(0).max(10),
})

const cluster = z.object({
  name,
  type: z.enum([
    'standard',
    'resource_rich',
    'population_center',
    'trade_hub',
    'military_zone',
    'frontier_outpost',
    'contested',
    'special_interest',
  ]),
  first: number,
  last: number,
})

const coordinate = z.int().min(0).max(1023)

const sector = z.object({
  number,
  position: z.tuple([coordinate, coordinate, coordinate]),
  hilbert: z
    .int()
    .min(0)
    .max(2 ** 30 - 1),
  type: z.enum([
    'standard',
    'nebula',
    'asteroid_field',
    'black_hole',
    'star_cluster',
    'void',
    'industrial',
    'agricultural',
    'forbidden',
    'wormhole',
    'anomaly',
    'radiation_zone',
    'warp_storm',
  ]),
  protected: z.boolean(),
})

const warp = z.object({
  from: number,
  to: number,
  twoWay: z.boolean(),
  latent: z.boolean(),
  turns: z.int().min(1),
})

const station = z.object({ sector: number, name, class: z.int().min(1).max(11) })

const planet = z.object({
  sector: number,
  name,
  type: z.enum(['terran', 'oceanic', 'mountainous', 'desert', 'ice', 'volcanic', 'gas_giant']),
})

const anchor = z.object({
  kind: z.enum(['terra', 'first_station', 'starter_spacedock', 'frontier_spacedock', 'tradedock_a', 'tradedock_b']),
  sector: number,
})

const base = { name, anchor: number, interior: z.array(number) }

const formation = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('bubble'), ...base }),
  z.object({ kind: z.literal('dead_end_bubble'), ...base }),
  z.object({ kind: z.literal('tunnel'), ...base, farMouth: number, oneWay: z.boolean() }),
  z.object({ kind: z.literal('dead_end'), ...base, parent: number }),
  z.object({ kind: z.literal('blister'), ...base }),
  z.object({ kind: z.literal('escape_hatch'), ...base, parent: number, source: number }),
  z.object({ kind: z.literal('warp_sink'), ...base, entries: z.array(number).min(1) }),
  z.object({ kind: z.literal('backdoor'), ...base, target: name, into: number }),
  z.object({ kind: z.literal('lost_sector'), ...base }),
  z.object({ kind: z.literal('lost_cluster'), ...base }),
  z.object({ kind: z.literal('archipelago'), ...base, clusters: z.array(name).min(2) }),
])

const checksum = z.string().regex(/^[0-9a-f]{16}$/, 'is not 16 hexadecimal digits')

const generation = z.object({
  checksum,
  phases: z.array(
    z.object({
      number: z.int().min(0),
      name,
      operations: z.int().min(0),
      checksum,
      milliseconds: z.number().min(0).optional(),
    }),
  ),
})

export const regionSchema = z.object({
  name,
  type: z.enum(['player_owned', 'central_nexus']),
  seed: z.string(),
  zones: z.array(zone).min(1),
  clusters: z.array(cluster).min(1),
  sectors: z.array(sector),
  warps: z.array(warp),
  tunnels: z.array(warp),
  stations: z.array(station),
  planets: z.array(planet),
  capital: number,
  anchors: z.array(anchor),
  formations: z.array(formation),
  generation: generation.optional(),
})

export const universeSchema = z.object({
  format: z.literal('terrane-universe'),
  version: z.literal(1),
  seed: z.string(),
  regions: z.array(regionSchema).min(1),
})

export type UniverseFile = z.infer<typeof universeSchema>
export type RegionFile = z.infer<typeof regionSchema>
export type FormationFile = z.infer<typeof formation>
