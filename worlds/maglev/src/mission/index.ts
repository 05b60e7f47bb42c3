export { type Device, deviceOf, playWith } from '../bots/devices.js'
export { type CarClient, Passenger } from '../bots/passenger.js'
export {
  type Bound,
  type Comparison,
  CRITERIA,
  type Criterion,
  type CriterionName,
  judgeMission,
  type Observations,
} from './criteria.js'
export { Sightings } from './sightings.js'
