import {
  type Anchor,
  type Cluster,
  EDGE_FLAGS,
  type Formation,
  type Planet,
  type RegionChart,
  type StarChart,
  type Station,
  type Zone,
} from '@terrane/world-frontier/galaxy'
import { FORMATION_KINDS, joinsOf, kindIndex, sectorsOf } from './formation-kinds.js'
import { layoutRegions, onMap, type RegionPlace } from './region-layout.js'
import { type Box, grown, MARKS, type Sky } from './sky.js'
import { bandTone, clusterTone } from './tones.js'

/** A star chart, laid out on one map. A sector is known by its index: `region.first + number - 1`. */
export interface Galaxy {
  readonly seed: string
  readonly regions: readonly GalaxyRegion[]
  readonly clusters: readonly GalaxyCluster[]
  readonly formations: readonly GalaxyFormation[]
  readonly sky: Sky
  readonly bounds: Box
}

export interface GalaxyRegion extends RegionPlace {
  readonly index: number
  readonly name: string
  readonly isNexus: boolean
  /** Index of the sector with the number 1. */
  readonly first: number
  readonly sectors: number
  readonly chart: RegionChart
  readonly clusters: readonly GalaxyCluster[]
  readonly formations: readonly GalaxyFormation[]
}

export interface GalaxyCluster extends Cluster {
  readonly region: number
  readonly x: number
  readonly y: number
  /** Index into `TONES`. */
  readonly tone: number
}

export interface GalaxyFormation {
  readonly region: number
  readonly formation: Formation
  /** Where its kind stands in `FORMATION_KINDS`. */
  readonly kind: number
  /** Its sectors by index, the anchor first. */
  readonly sectors: readonly number[]
  readonly x: number
  readonly y: number
}

/** Everything that is known of a sector. */
export interface SectorFacts {
  readonly index: number
  readonly number: number
  readonly region: GalaxyRegion
  readonly cluster: GalaxyCluster | undefined
  readonly zone: Zone | undefined
  readonly position: readonly [x: number, y: number, z: number]
  /** Where its type stands in `SECTOR_TYPES`. */
  readonly type: number
  readonly isProtected: boolean
  readonly station: Station | undefined
  readonly planet: Planet | undefined
  readonly landmarks: readonly Anchor[]
  readonly formations: readonly GalaxyFormation[]
  readonly ways: readonly Way[]
}

/** An edge, seen from one of its ends. */
export interface Way {
  /** Index of the other end. */
  readonly sector: number
  readonly leads: 'out' | 'in' | 'both'
  readonly isLatent: boolean
  readonly isTunnel: boolean
  readonly turns: number
}

const MARGIN = 60

export function galaxyOf(chart: StarChart): Galaxy {
  const places = layoutRegions(
    chart.regions.map(({ type, sectors }) => ({ sectors: sectors.x.length, isNexus: type === 'central_nexus' })),
  )
  const sky = emptySky(chart)
  const regions: GalaxyRegion[] = []
  let first = 0
  let firstEdge = 0
  for (const [index, region] of chart.regions.entries()) {
    const place = places[index] as RegionPlace
    placeSectors(sky, region, place, first)
    placeEdges(sky, region, first, firstEdge)
    const formations = region.formations.map((formation) => placeFormation(sky, formation, index, first))
    markEdges(sky, region, formations, first, firstEdge)
    const clusters = region.clusters.map((cluster, order) => placeCluster(sky, cluster, index, order, first))
    const sectors = region.sectors.x.length
    const isNexus = region.type === 'central_nexus'
    regions.push({ ...place, index, name: region.name, isNexus, first, sectors, chart: region, clusters, formations })
    first += sectors
    firstEdge += region.edges.from.length
  }
  return {
    seed: chart.seed,
    regions,
    clusters: regions.flatMap(({ clusters }) => clusters),
    formations: regions.flatMap(({ formations }) => formations),
    sky,
    bounds: grown(boundsOf(regions), MARGIN),
  }
}

function emptySky({ regions }: StarChart): Sky {
  const sectors = regions.reduce((sum, region) => sum + region.sectors.x.length, 0)
  const edges = regions.reduce((sum, region) => sum + region.edges.from.length, 0)
  return {
    x: new Float32Array(sectors),
    y: new Float32Array(sectors),
    clusterTone: new Uint8Array(sectors),
    bandTone: new Uint8Array(sectors),
    marks: new Uint8Array(sectors),
    formations: new Uint16Array(sectors),
    anchors: new Uint16Array(sectors),
    from: new Uint32Array(edges),
    to: new Uint32Array(edges),
    flags: new Uint8Array(edges),
    turns: new Uint8Array(edges),
    edgeFormations: new Uint16Array(edges),
  }
}

function placeSectors(sky: Sky, region: RegionChart, { x, y, scale }: RegionPlace, first: number): void {
  const { sectors, zones, stations, planets, anchors, capital } = region
  for (let i = 0; i < sectors.x.length; i++) {
    sky.x[first + i] = onMap(x, scale, sectors.x[i] as number)
    sky.y[first + i] = onMap(y, scale, sectors.y[i] as number)
  }
  for (const zone of zones) sky.bandTone.fill(bandTone(zone.band), first + zone.first - 1, first + zone.last)
  const mark = (sector: number, bit: number) => {
    sky.marks[first + sector - 1] = (sky.marks[first + sector - 1] as number) | bit
  }
  for (const { sector } of stations) mark(sector, MARKS.station)
  for (const { sector } of planets) mark(sector, MARKS.planet)
  for (const { sector } of anchors) mark(sector, MARKS.landmark)
  for (const sector of sectors.protected) mark(sector, MARKS.protected)
  mark(capital, MARKS.capital)
}

function placeEdges(sky: Sky, { edges }: RegionChart, first: number, firstEdge: number): void {
  for (let i = 0; i < edges.from.length; i++) {
    sky.from[firstEdge + i] = first + (edges.from[i] as number) - 1
    sky.to[firstEdge + i] = first + (edges.to[i] as number) - 1
    sky.flags[firstEdge + i] = edges.flags[i] as number
    sky.turns[firstEdge + i] = edges.turns[i] as number
  }
}

function placeFormation(sky: Sky, formation: Formation, region: number, first: number): GalaxyFormation {
  const kind = kindIndex(formation.kind)
  const sectors = sectorsOf(formation).map((number) => first + number - 1)
  for (const sector of sectors) sky.formations[sector] = (sky.formations[sector] as number) | (1 << kind)
  const anchor = sectors[0] as number
  sky.anchors[anchor] = (sky.anchors[anchor] as number) | (1 << kind)
  return { region, formation, kind, sectors, ...middleOf(sky, sectors) }
}

/** Edges among a formation's own sectors, and those that make it what it is. */
function markEdges(
  sky: Sky,
  { edges }: RegionChart,
  formations: readonly GalaxyFormation[],
  first: number,
  firstEdge: number,
): void {
  const membersOf = new Map<number, GalaxyFormation[]>()
  const joins = new Map<string, number>()
  for (const each of formations) {
    for (const sector of each.sectors) membersOf.set(sector, [...(membersOf.get(sector) ?? []), each])
    for (const [from, to] of joinsOf(each.formation)) {
      const key = pair(first + from - 1, first + to - 1)
      joins.set(key, (joins.get(key) ?? 0) | (1 << each.kind))
    }
  }
  for (let edge = firstEdge; edge < firstEdge + edges.from.length; edge++) {
    const from = sky.from[edge] as number
    const to = sky.to[edge] as number
    let bits = joins.get(pair(from, to)) ?? 0
    const there = membersOf.get(to)
    for (const each of membersOf.get(from) ?? []) if (there?.includes(each)) bits |= 1 << each.kind
    sky.edgeFormations[edge] = bits
  }
}

function pair(a: number, b: number): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}

function placeCluster(sky: Sky, cluster: Cluster, region: number, order: number, first: number): GalaxyCluster {
  const tone = clusterTone(cluster.type, order)
  const from = first + cluster.first - 1
  const to = first + cluster.last
  sky.clusterTone.fill(tone, from, to)
  const sectors = Array.from({ length: to - from }, (_, i) => from + i)
  return { ...cluster, region, tone, ...middleOf(sky, sectors) }
}

function middleOf(sky: Sky, sectors: readonly number[]): { x: number; y: number } {
  let x = 0
  let y = 0
  for (const sector of sectors) {
    x += sky.x[sector] as number
    y += sky.y[sector] as number
  }
  return { x: x / sectors.length, y: y / sectors.length }
}

function boundsOf(places: readonly RegionPlace[]): Box {
  return {
    left: Math.min(...places.map(({ x, radius }) => x - radius)),
    top: Math.min(...places.map(({ y, radius }) => y - radius)),
    right: Math.max(...places.map(({ x, radius }) => x + radius)),
    bottom: Math.max(...places.map(({ y, radius }) => y + radius)),
  }
}

export function regionAt(galaxy: Galaxy, sector: number): GalaxyRegion {
  const found = galaxy.regions.findLast(({ first }) => first <= sector)
  if (found === undefined) throw new Error(`no region has a sector with the index ${sector}`)
  return found
}

export function sectorFacts(galaxy: Galaxy, index: number): SectorFacts {
  const region = regionAt(galaxy, index)
  const number = index - region.first + 1
  const { sectors, zones, stations, planets, anchors } = region.chart
  const holds = ({ first, last }: { readonly first: number; readonly last: number }) =>
    first <= number && number <= last
  return {
    index,
    number,
    region,
    cluster: region.clusters.find(holds),
    zone: zones.find(holds),
    position: [sectors.x[number - 1] ?? 0, sectors.y[number - 1] ?? 0, sectors.z[number - 1] ?? 0],
    type: sectors.type[number - 1] ?? 0,
    isProtected: ((galaxy.sky.marks[index] as number) & MARKS.protected) !== 0,
    station: stations.find(({ sector }) => sector === number),
    planet: planets.find(({ sector }) => sector === number),
    landmarks: anchors.filter(({ sector }) => sector === number),
    formations: region.formations.filter(({ sectors }) => sectors.includes(index)),
    ways: waysOf(galaxy.sky, index),
  }
}

function waysOf({ from, to, flags, turns }: Sky, sector: number): Way[] {
  const ways: Way[] = []
  for (let edge = 0; edge < from.length; edge++) {
    const isFrom = from[edge] === sector
    if (!isFrom && to[edge] !== sector) continue
    const flag = flags[edge] as number
    const isOneWay = (flag & EDGE_FLAGS.oneWay) !== 0
    ways.push({
      sector: (isFrom ? to[edge] : from[edge]) as number,
      leads: !isOneWay ? 'both' : isFrom ? 'out' : 'in',
      isLatent: (flag & EDGE_FLAGS.latent) !== 0,
      isTunnel: (flag & EDGE_FLAGS.tunnel) !== 0,
      turns: turns[edge] as number,
    })
  }
  return ways
}

export interface GalaxyFigures {
  readonly sectors: number
  readonly warps: number
  readonly oneWay: number
  readonly tunnels: number
  readonly stations: number
  readonly planets: number
  /** How many there are of each of `FORMATION_KINDS`. */
  readonly formations: readonly number[]
}

/** Of the whole galaxy, or of one region. */
export function figuresOf(galaxy: Galaxy, region?: GalaxyRegion): GalaxyFigures {
  const regions = region === undefined ? galaxy.regions : [region]
  const flags = regions.flatMap(({ chart }) => chart.edges.flags)
  const formations = regions.flatMap((each) => each.formations)
  const tunnels = flags.filter((flag) => flag & EDGE_FLAGS.tunnel).length
  return {
    sectors: regions.reduce((sum, { sectors }) => sum + sectors, 0),
    warps: flags.length - tunnels,
    oneWay: flags.filter((flag) => flag & EDGE_FLAGS.oneWay).length,
    tunnels,
    stations: regions.reduce((sum, { chart }) => sum + chart.stations.length, 0),
    planets: regions.reduce((sum, { chart }) => sum + chart.planets.length, 0),
    formations: FORMATION_KINDS.map((_, kind) => formations.filter((each) => each.kind === kind).length),
  }
}
