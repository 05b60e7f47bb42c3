export type { Car, CoreRow, Drone, Limb, Limbs, MaglevKinds, Mission, Runner, Score, SlotRow } from './kinds.js'
export { default } from './maglev.js'
export { REJECTIONS, type Rejection } from './rejections.js'
export * from './rules.js'
