import type { ZoneHolderStats, ZoneMapInfo } from '@terrane/protocol'
import { ServerClient } from '../command/server-client.js'
import type { ZonesOptions } from './change-zones.js'

/** A zone that is open somewhere, or in the map. */
interface ListedZone {
  readonly zone: string
  /** Undefined for a zone without codes: one by name, or one that has left the map. */
  readonly range: { readonly lo: number; readonly hi: number } | undefined
  /** Part of all codes of its authority. */
  readonly share: number | undefined
  readonly epoch: number | null
  readonly entities: number | null
  readonly owner: string
}

/** What `GET /api/zones` says. */
interface OpenZones {
  readonly zones: readonly { readonly id: string; readonly epoch: number; readonly entities: number }[]
  /** Where several processes serve the world. */
  readonly holders?: readonly ZoneHolderStats[]
}

const WHAT = 'the zones cannot be listed'
const NOBODY = 'not open'

/** Prints which zones there are in a running world, and where. Throws `CommandFailure`. */
export async function listZones({ url, json }: Pick<ZonesOptions, 'url' | 'json'>): Promise<void> {
  const server = new ServerClient(url)
  const map = (await server.send({ path: '/api/zone-map', what: WHAT })) as unknown as ZoneMapInfo
  const open = (await server.send({ path: '/api/zones', what: WHAT })) as unknown as OpenZones
  const others = withoutCodes(map, open)
  if (json) process.stdout.write(`${JSON.stringify({ name: 'zones list', ...map, others })}\n`)
  else process.stdout.write(`${table([...mapped(map), ...others])}\n`)
}

/** One line for each range; a zone may have several. */
function mapped({ ranges, zones }: ZoneMapInfo): ListedZone[] {
  return ranges.map((range) => {
    const {
      share,
      epoch = null,
      entities = null,
      owner = null,
      isLate,
    } = zones.find(({ zone }) => zone === range.zone) ?? { share: undefined, isLate: false }
    return { zone: range.zone, range, share, epoch, entities, owner: nameOf(owner, isLate) }
  })
}

function withoutCodes({ zones }: ZoneMapInfo, open: OpenZones): ListedZone[] {
  const holders = open.holders ?? []
  const names = new Set([...open.zones.map(({ id }) => id), ...holders.map(({ zone }) => zone)])
  for (const { zone } of zones) names.delete(zone)
  return [...names].sort().map((zone) => {
    const holder = holders.find((each) => each.zone === zone)
    const own = open.zones.find(({ id }) => id === zone)
    return {
      zone,
      range: undefined,
      share: undefined,
      epoch: own?.epoch ?? holder?.epoch ?? null,
      entities: own?.entities ?? null,
      owner: holder === undefined ? 'the process that was asked' : nameOf(holder.owner, holder.isLate),
    }
  })
}

function nameOf(owner: string | null, isLate: boolean): string {
  if (owner === null) return NOBODY
  return isLate ? `${owner} (its lease has ended)` : owner
}

const HEAD = ['zone', 'first code', 'last code', 'share', 'epoch', 'rows', 'process']

function table(zones: readonly ListedZone[]): string {
  const rows = zones.map(({ zone, range, share, epoch, entities, owner }) => [
    zone,
    ...[range?.lo, range?.hi, share === undefined ? undefined : `${(share * 100).toFixed(1)} %`, epoch, entities].map(
      (value) => String(value ?? '–'),
    ),
    owner,
  ])
  const lines = [HEAD, ...rows]
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  // Names to the left, numbers to the right.
  const padded = (cell: string, column: number) =>
    column === 0 || column === HEAD.length - 1 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return lines.map((line) => line.map(padded).join('  ').trimEnd()).join('\n')
}
