import { defineWorld } from '@terrane/engine'
import { generateUniverse, starChartOf } from '@terrane/world-frontier/galaxy'

const chart = starChartOf(generateUniverse({ seed: 'browser test', regions: 2, sectors: 320 }))

/** A world that is nothing but two regions to look at. */
export default defineWorld({ name: 'two-regions', kinds: {}, galaxy: () => chart })
