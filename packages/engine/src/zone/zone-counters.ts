import { type OpCounters, zeroOpCounters } from '../ops/zone-ops.js'
import { type BorderCounters, zeroBorderCounters } from './zone-borders.js'

export interface ZoneCounts {
  inputs: number
  rejected: number
  ticks: number
  checkpoints: number
  checkpointRows: number
  checkpointMs: number
}

export type ZoneCounters = ZoneCounts & OpCounters & BorderCounters

export function zeroZoneCounts(): ZoneCounts {
  return { inputs: 0, rejected: 0, ticks: 0, checkpoints: 0, checkpointRows: 0, checkpointMs: 0 }
}

export function zeroCounters(): ZoneCounters {
  return { ...zeroZoneCounts(), ...zeroOpCounters(), ...zeroBorderCounters() }
}
