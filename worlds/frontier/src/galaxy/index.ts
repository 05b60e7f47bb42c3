/** The galaxy of the reference universe: the entry of the command line, the benchmark and importers. */
export { checkUniverse } from '../galaxy-check/check-universe.js'
export type { Problem } from '../galaxy-check/tell.js'
export { type Budget, bandNamed, bandOf, type Range, SIZE_BANDS, type SizeBand } from './budgets.js'
export { drawUniverse } from './draw-universe.js'
export { type GenerationOptions, generateRegion, type RegionRequest } from './generate-region.js'
export { generateUniverse, regionRequests, type UniverseRequest } from './generate-universe.js'
export { InvalidRegionError } from './invalid-region-error.js'
export type * from './universe.js'
