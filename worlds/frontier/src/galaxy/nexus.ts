import type { ClusterType } from './universe.js'

export const NEXUS_SECTORS = 5_000
/** Clusters lie in a grid: as many to a row, in as many rows. */
export const NEXUS_COLUMNS = 5
export const NEXUS_ROWS = 4

/** The Nexus's clusters in the order of their numbers, 250 sectors each. */
export const NEXUS_CLUSTERS: readonly (readonly [name: string, type: ClusterType])[] = [
  ['Commerce Central Hub', 'trade_hub'],
  ['Diplomatic Quarter', 'population_center'],
  ['Industrial Complex', 'trade_hub'],
  ['Prospect Belt', 'resource_rich'],
  ['Drift Reaches', 'frontier_outpost'],
  ['Outer Survey Station', 'frontier_outpost'],
  ['Free Trade Zone', 'trade_hub'],
  ['Lodestar Reach', 'resource_rich'],
  ['Quiet Quarter', 'standard'],
  ['Gateway Plaza', 'standard'],
  ["Settlers' Rest", 'population_center'],
  ['Transit Junction', 'standard'],
  ['Slag Fields', 'resource_rich'],
  ['Starport Complex', 'trade_hub'],
  ["Marker's Edge", 'frontier_outpost'],
  ['The Bazaar', 'standard'],
  ['Lonesome Span', 'frontier_outpost'],
  ['Wayfarer Hollow', 'standard'],
  ["Merchant's Row", 'standard'],
  ['Frontier Gateway', 'frontier_outpost'],
]

/** The Gateway Plaza, where regions are attached: protected, and free of formations. Both ends included. */
export const PLAZA_FIRST = 2_251
export const PLAZA_LAST = 2_500
