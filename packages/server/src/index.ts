export type { Quantiles, ServerStats } from '@terrane/protocol'
