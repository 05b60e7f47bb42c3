export type { Quantiles, ServerStats } from './stats/server-stats.js'
