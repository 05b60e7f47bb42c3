export type { Quantiles, ServerStats } from '@terrane/protocol'
export { type ServerChild, type ServerChildOptions, startServerChild } from './process/server-child.js'
