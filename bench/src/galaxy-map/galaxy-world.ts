import { defineWorld } from '@terrane/engine'
import { generateUniverse, starChartOf } from '@terrane/world-frontier/galaxy'

const { GALAXY_REGIONS = '50', GALAXY_SECTORS = '1100' } = process.env

const universe = generateUniverse({
  seed: 'map',
  regions: Number(GALAXY_REGIONS),
  sectors: Number(GALAXY_SECTORS),
  nexus: true,
})
const chart = starChartOf(universe)

/** A world that is nothing but a galaxy to look at. */
export default defineWorld({ name: 'galaxy-map', kinds: {}, galaxy: () => chart })
