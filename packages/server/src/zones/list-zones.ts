import type { MappedZone, ZoneMapInfo } from '@terrane/protocol'
import { ServerClient } from '../command/server-client.js'
import type { ZonesOptions } from './change-zones.js'

/** Prints the zone map of a running world. Throws `CommandFailure`. */
export async function listZones({ url, json }: Pick<ZonesOptions, 'url' | 'json'>): Promise<void> {
  const map = (await new ServerClient(url).send({
    path: '/api/zone-map',
    what: 'the zones cannot be listed',
  })) as unknown as ZoneMapInfo
  if (json) process.stdout.write(`${JSON.stringify({ name: 'zones list', ...map })}\n`)
  else process.stdout.write(map.ranges.length === 0 ? NONE : `${table(map)}\n`)
}

const NONE = 'All zones of this world go by name: there is no map to change. GET /api/zones lists them.\n'

function table({ version, ranges, zones }: ZoneMapInfo): string {
  const byName = new Map(zones.map((zone) => [zone.zone, zone]))
  const rows = ranges.map(({ zone, lo, hi }) => {
    const of = byName.get(zone)
    return [zone, String(lo), String(hi), percent(of), String(of?.epoch ?? '–'), String(of?.entities ?? '–'), who(of)]
  })
  const all = [['zone', 'first code', 'last code', 'share', 'epoch', 'rows', 'process'], ...rows]
  const widths = (all[0] as string[]).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const lines = all.map((row) =>
    row
      .map((cell, column) => padded(cell, widths[column] ?? 0, column))
      .join('  ')
      .trimEnd(),
  )
  return [`zone map, version ${version}`, ...lines].join('\n')
}

/** Names to the left, numbers to the right. */
function padded(cell: string, width: number, column: number): string {
  return column === 0 || column === 6 ? cell.padEnd(width) : cell.padStart(width)
}

function percent(zone: MappedZone | undefined): string {
  return zone === undefined ? '–' : `${(zone.share * 100).toFixed(1)} %`
}

function who(zone: MappedZone | undefined): string {
  if (zone === undefined || zone.owner === null) return 'not open'
  return zone.isLate ? `${zone.owner} (its lease has ended)` : zone.owner
}
