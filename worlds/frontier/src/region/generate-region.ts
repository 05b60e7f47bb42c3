import { Prng } from '@terrane/core'
import { depositsOf } from './deposits.js'
import { proximityLanes } from './lanes.js'
import {
  BANDS,
  type Band,
  distance,
  type Point,
  type RegionLayout,
  type RegionParameters,
  SECTOR_TYPES,
  type SectorPlan,
  type SectorType,
} from './layout.js'
import { Namer } from './names.js'
import { scatter } from './scatter.js'

const SECTORS_PER_CLUSTER = 25
/** Sectors around the capital, itself included, in which players start. */
const HAVENS = 9
/** In the order of `SECTOR_TYPES`. */
const TYPE_WEIGHTS = [40, 15, 18, 8, 12, 5, 2] as const
/** A cluster's own character: share of its sectors that have its type. */
const CLUSTER_TYPE_SHARE = 0.4
/** Sectors lie in a slab of this height, world units up and down. */
const HEIGHT = 1_500

/**
 * A region from a seed. Every part draws from a stream of its own, so that a change to one does not
 * shift the others.
 */
export function generateRegion({ seed, sectors: count, size }: RegionParameters): RegionLayout {
  const root = new Prng(`region ${seed}`)
  const [clusterStream, placeStream, typeStream, nameStream, depositStream] = [
    root.fork('clusters'),
    root.fork('places'),
    root.fork('types'),
    root.fork('names'),
    root.fork('deposits'),
  ]
  const namer = new Namer(nameStream)
  const centres = scatter(clusterStream, Math.max(1, Math.round(count / SECTORS_PER_CLUSTER)), size, [])
  const clusters = centres.map((centre) => ({ ...centre, name: namer.cluster(), type: drawType(typeStream) }))
  const middle = { x: size / 2, y: size / 2 }
  const places = scatter(placeStream, count, size, centres)
  const capital = closest(places, middle)
  // Numbered outwards from the capital, so that low numbers are where everybody knows their way.
  places.sort((a, b) => distance(a, capital) - distance(b, capital) || a.x - b.x || a.y - b.y)
  const sectors = places.map((place, rank): SectorPlan => {
    const cluster = closest(clusters, place)
    return {
      ...place,
      id: rank + 1,
      name: namer.sector(),
      cluster: cluster.name,
      type: rank === 0 ? 'standard' : typeStream.chance(CLUSTER_TYPE_SHARE) ? cluster.type : drawType(typeStream),
      band: BANDS[Math.floor((rank * BANDS.length) / count)] as Band,
      haven: rank < HAVENS,
      z: typeStream.between(-HEIGHT, HEIGHT),
    }
  })
  return {
    seed,
    size,
    sectors,
    lanes: proximityLanes(sectors),
    deposits: sectors.flatMap((sector) => depositsOf(depositStream, sector, size)),
  }
}

function closest<P extends Point>(points: readonly P[], to: Point): P {
  return points.reduce((best, point) => (distance(point, to) < distance(best, to) ? point : best))
}

function drawType(prng: Prng): SectorType {
  let left = prng.below(TYPE_WEIGHTS.reduce((sum, weight) => sum + weight, 0))
  for (const [index, type] of SECTOR_TYPES.entries()) {
    left -= TYPE_WEIGHTS[index] ?? 0
    if (left < 0) return type
  }
  return 'standard'
}
