/** How the regions of a universe lie on the map. Pure. */

/** Mean distance between neighbouring sectors, map units: the same in every region. */
const PITCH = 26
/** Positions within a region go from 0 to this. */
const SPAN = 1_024
/** Regions are discs of about this radius, the Nexus fills the square. */
const DISC_RADIUS = 488
/** Between the borders of regions. */
const GAP = 70
/** Turns between one region and the next; the golden ratio spreads them evenly (Vogel 1979). */
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5))
/** A spiral with this step, in radii of its largest disc, keeps discs apart: found by trying, 1.15 is the least. */
const STEP = 1.24
/** The innermost discs begin this much of their radius farther out than the border of what is in the middle. */
const INNERMOST = 0.8

export interface RegionSize {
  readonly sectors: number
  readonly isNexus: boolean
}

/** A region's own coordinates are put on the map by `x + scale * (own - 512)`. */
export interface RegionPlace {
  readonly x: number
  readonly y: number
  readonly scale: number
  /** Everything in the region is within it. */
  readonly radius: number
}

/** The first Nexus in the middle, the others around it on a spiral, in their order. */
export function layoutRegions(sizes: readonly RegionSize[]): RegionPlace[] {
  const extents = sizes.map(extentOf)
  const centre = sizes.findIndex(({ isNexus }) => isNexus)
  const around = extents.filter((_, index) => index !== centre)
  const largest = Math.max(0, ...around.map(({ radius }) => radius))
  const step = STEP * (largest + GAP / 2)
  const core = centre < 0 ? 0 : (extents[centre] as Extent).radius + GAP + INNERMOST * largest
  let turn = 0
  return extents.map((extent, index) => {
    if (index === centre || sizes.length === 1) return { x: 0, y: 0, ...extent }
    turn++
    const distance = Math.sqrt(core ** 2 + turn * step ** 2)
    const angle = turn * GOLDEN_ANGLE
    return { x: distance * Math.cos(angle), y: distance * Math.sin(angle), ...extent }
  })
}

interface Extent {
  readonly scale: number
  readonly radius: number
}

/** Area in proportion to the sectors. */
function extentOf({ sectors, isNexus }: RegionSize): Extent {
  const area = isNexus ? SPAN ** 2 : Math.PI * DISC_RADIUS ** 2
  const scale = Math.sqrt((sectors * PITCH ** 2) / area)
  return { scale, radius: scale * (isNexus ? SPAN / Math.SQRT2 : SPAN / 2) }
}

/** A coordinate of a sector, 0 to 1023, on the map. @param middle the region's own place */
export function onMap(middle: number, scale: number, own: number): number {
  return middle + scale * (own - SPAN / 2)
}
