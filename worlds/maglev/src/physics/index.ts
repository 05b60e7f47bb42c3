export { type Bank, bankAt, ROLLING_GRAVITY } from './bank.js'
export { divide } from './contact.js'
export {
  CORE_RADIUS,
  type Core,
  coreBytes,
  FLOOR,
  PLAYER_RADIUS,
  SLOT_RADIUS,
  type Slot,
  type Slotted,
  SPEED_MAX,
  type Walker,
} from './floor.js'
export { type FloorInputs, type FloorStep, type Stretch, stepFloor } from './step.js'
