import { connectOver } from './connect.js'
import { nodeTransport } from './connection/node-transport.js'

export type { NodeTransportOptions } from './connection/node-transport.js'
export * from './exports.js'
export { nodeTransport }

/**
 * Connects to a zone and resolves when the client is online. Tries again while the failures are of the
 * passing kind, for `timeoutMs`; rejects with a TerraneError that says why.
 */
export const connect = connectOver(nodeTransport())
