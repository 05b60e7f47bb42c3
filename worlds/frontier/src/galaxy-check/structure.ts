import type { RegionFile } from './schema.js'
import type { Tell } from './tell.js'

/** Everything that can be wrong without looking at the graph. `at` is where the region is in the file. */
export function checkStructure(region: RegionFile, at: string, tell: Tell): void {
  checkSize(region, at, tell)
  checkSectors(region, at, tell)
  checkRanges('zones', region.zones, region.sectors.length, at, tell)
  checkRanges('clusters', region.clusters, region.sectors.length, at, tell)
  checkUnique(region.clusters, ({ name }) => name, `${at}.clusters`, 'the name', tell)
  checkEdges(region, at, tell)
  checkPlaces(region, at, tell)
}

function checkSize({ type, sectors }: RegionFile, at: string, tell: Tell): void {
  const count = sectors.length
  if (type === 'central_nexus' && count !== 5000) tell(at, `the Central Nexus has ${count} sectors instead of 5,000`)
  if (type === 'player_owned' && (count < 100 || count > 1500)) {
    tell(at, `has ${count} sectors; a player-owned region has 100 to 1,500`)
  }
}

function checkSectors({ sectors }: RegionFile, at: string, tell: Tell): void {
  for (const [index, { number }] of sectors.entries()) {
    if (number !== index + 1) tell(`${at}.sectors[${index}]`, `has the number ${number}; ${index + 1} is due here`)
  }
  checkUnique(sectors, ({ position }) => position.join(', '), `${at}.sectors`, 'the position', tell)
  checkUnique(sectors, ({ hilbert }) => String(hilbert), `${at}.sectors`, 'the Hilbert code', tell)
}

/** Ranges follow each other from 1 to the last sector: every sector is in exactly one. */
function checkRanges(
  what: 'zones' | 'clusters',
  ranges: readonly { readonly first: number; readonly last: number }[],
  sectors: number,
  at: string,
  tell: Tell,
): void {
  let due = 1
  for (const [index, { first, last }] of ranges.entries()) {
    if (first !== due) tell(`${at}.${what}[${index}]`, `begins at ${first} instead of ${due}`)
    if (last < first) tell(`${at}.${what}[${index}]`, `ends at ${last}, before it begins`)
    due = last + 1
  }
  if (due !== sectors + 1) tell(`${at}.${what}`, `end at ${due - 1}; the last sector is ${sectors}`)
}

function checkEdges({ warps, tunnels, sectors }: RegionFile, at: string, tell: Tell): void {
  const pairs = new Map<string, string>()
  for (const [what, edges] of Object.entries({ warps, tunnels })) {
    for (const [index, { from, to, twoWay, latent }] of edges.entries()) {
      const element = `${at}.${what}[${index}] (${from} to ${to})`
      for (const end of [from, to]) if (end > sectors.length) tell(element, `there is no sector ${end}`)
      if (from === to) tell(element, 'leads to where it begins')
      if (twoWay && latent) tell(element, 'is latent and two-way; only one-way warps can look like what they are not')
      if (twoWay && from > to) tell(element, 'is two-way, so the smaller number comes first')
      const pair = `${Math.min(from, to)} ${Math.max(from, to)}`
      const other = pairs.get(pair)
      if (other !== undefined) tell(element, `joins the same sectors as ${other}`)
      else pairs.set(pair, element)
    }
  }
}

function checkPlaces(region: RegionFile, at: string, tell: Tell): void {
  const { stations, planets, anchors, formations, capital, sectors } = region
  for (const [what, things] of Object.entries({ stations, planets, anchors })) {
    for (const [index, { sector }] of things.entries()) {
      if (sector > sectors.length) tell(`${at}.${what}[${index}]`, `there is no sector ${sector}`)
    }
  }
  checkUnique(stations, ({ sector }) => String(sector), `${at}.stations`, 'the sector', tell)
  checkUnique(planets, ({ sector }) => String(sector), `${at}.planets`, 'the sector', tell)
  if (capital > sectors.length) tell(`${at}.capital`, `there is no sector ${capital}`)
  for (const kind of ['terra', 'first_station', 'starter_spacedock', 'frontier_spacedock'] as const) {
    const count = anchors.filter((anchor) => anchor.kind === kind).length
    if (count !== 1) tell(`${at}.anchors`, `${count} of ${kind} instead of one`)
  }
  for (const [index, { kind, sector }] of anchors.entries()) {
    const element = `${at}.anchors[${index}] (${kind})`
    if (kind === 'terra') {
      if (sector !== capital) tell(element, `is at ${sector}; the capital is ${capital}`)
      if (!planets.some((planet) => planet.sector === sector)) tell(element, `there is no planet in sector ${sector}`)
      continue
    }
    const station = stations.find((candidate) => candidate.sector === sector)
    if (station === undefined) tell(element, `there is no station in sector ${sector}`)
    else if (kind === 'first_station' && station.class !== 1) tell(element, `is of class ${station.class} instead of 1`)
  }
  checkUnique(formations, ({ name }) => name, `${at}.formations`, 'the name', tell)
  for (const [index, formation] of formations.entries()) {
    const { name, kind, anchor, interior } = formation
    const element = `${at}.formations[${index}] (${kind} "${name}")`
    const more = Object.entries(formation).filter(([key]) => ['farMouth', 'parent', 'source', 'into'].includes(key))
    const entries = kind === 'warp_sink' ? formation.entries : []
    for (const sector of [anchor, ...interior, ...entries, ...more.map(([, value]) => Number(value))]) {
      if (sector > sectors.length) tell(element, `there is no sector ${sector}`)
    }
    if (new Set([anchor, ...interior]).size !== interior.length + 1) tell(element, 'names a sector twice')
  }
}

function checkUnique<T>(things: readonly T[], keyOf: (thing: T) => string, at: string, what: string, tell: Tell): void {
  const seen = new Map<string, number>()
  for (const [index, thing] of things.entries()) {
    const key = keyOf(thing)
    const other = seen.get(key)
    if (other === undefined) seen.set(key, index)
    else tell(`${at}[${index}]`, `has ${what} (${key}) of ${at}[${other}]`)
  }
}
