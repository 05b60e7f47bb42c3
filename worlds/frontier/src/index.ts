export { BLUEPRINTS, type Blueprint, STRUCTURE_KINDS, type StructureKind } from './blueprints.js'
export {
  BUILD_RANGE,
  FOUNDATION_REACH,
  HARVEST_COOLDOWN_MS,
  HARVEST_RANGE,
  HARVEST_YIELD,
  HOLD_MASS_MAX,
  HULL_MAX,
  INTERACT_RANGE,
  INTEREST_RADIUS,
  REFINERY_RANGE,
  REGION_SIZE,
  SHIP_SPEED,
  STRUCTURE_SPACING,
  STRUCTURES_PER_PLAYER_MAX,
} from './bounds.js'
export { createFrontier, default, type Frontier, type FrontierOptions } from './frontier.js'
export { type Bill, CONTENT, ITEMS, type Item, MASS, RESOURCES, type Resource } from './goods.js'
export { ACTIONS } from './inputs/interact.js'
export type {
  ChronicleEntry,
  FrontierKinds,
  Lane,
  Player,
  ResourceNode,
  Sector,
  Ship,
  Stock,
  Structure,
} from './kinds.js'
export { RECIPE_NAMES, RECIPES, type Recipe, type RecipeName } from './recipes.js'
export { BANDS, type Band, SECTOR_TYPES, type SectorType } from './region/layout.js'
export { REJECTIONS, type Rejection } from './rejections.js'
