export type { Bus, BusHandler, BusResponder, BusStatistics, BusSubscription } from './bus.js'
export { InProcessHub } from './in-process-bus.js'
export { connectNats, type NatsBusOptions } from './nats-bus.js'
