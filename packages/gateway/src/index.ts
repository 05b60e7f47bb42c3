export {
  type Authenticator,
  type AuthenticatorOptions,
  createAuthenticator,
  type GuestAuthenticator,
  type Identity,
  type Role,
} from './authenticate.js'
export type { GatewayStats } from './counters.js'
export type { FeedSubscriber, FeedSubscription, Feeds } from './feed-channel.js'
export { createGateway, type Gateway, type GatewayOptions, SOCKET_PATH } from './gateway.js'
export type { GatewayLimits } from './limits.js'
export type { RelayLink } from './relay/relay-link.js'
export type { FindZone, GatewayWorld } from './zone-services.js'
