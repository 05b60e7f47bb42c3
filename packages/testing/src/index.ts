export { SimulatedTime } from './simulated-time.js'
export { openTestZone, type TestZone } from './test-zone.js'
