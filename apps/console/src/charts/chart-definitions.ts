import type { ServerStats } from '@terrane/protocol'
import { bytes, compact, millis } from '../format.js'

/** A line of a chart: where its figure stands in the stats. */
interface ChartLine {
  readonly label: string
  readonly color: string
  /** Filled below, for the main line of a chart. */
  readonly fill?: boolean
  /** Drawn against a scale of its own. */
  readonly secondary?: boolean
  value(stats: ServerStats): number | null
  format(value: number | null): string
}

export interface ChartDefinition {
  readonly id: string
  readonly title: string
  readonly lines: readonly ChartLine[]
  /** The figure in large type, its unit, and what stands beside it. */
  headline(stats: ServerStats): string
  readonly unit: string
  detail(stats: ServerStats): string
}

const LIME = '#d4f26a'
const TEAL = '#58d1bd'
const TEAL_PALE = '#a5e6da'
const BLUE = '#7fb2ff'
const BLUE_PALE = '#c0d8ff'
const AMBER = '#f2b75c'
const CORAL = '#ff8f78'

const ms = (value: number | null) => `${millis(value)} ms`

export const CHARTS: readonly ChartDefinition[] = [
  {
    id: 'inputs',
    title: 'Inputs',
    unit: '/s',
    lines: [
      { label: 'applied', color: LIME, fill: true, value: (stats) => stats.inputsPerS, format: compact },
      { label: 'rejected', color: CORAL, value: (stats) => stats.rejectsPerS, format: compact },
    ],
    headline: (stats) => compact(stats.inputsPerS),
    detail: (stats) => `${compact(stats.rejectsPerS)}/s rejected`,
  },
  {
    id: 'applied',
    title: 'Applied',
    unit: 'ms p50',
    lines: [
      { label: 'p50', color: TEAL, fill: true, value: (stats) => stats.appliedMs.p50, format: ms },
      { label: 'p99', color: TEAL_PALE, value: (stats) => stats.appliedMs.p99, format: ms },
    ],
    headline: (stats) => millis(stats.appliedMs.p50),
    detail: (stats) => `p99 ${millis(stats.appliedMs.p99)} ms`,
  },
  {
    id: 'durable',
    title: 'Durable',
    unit: 'ms p50',
    lines: [
      { label: 'p50', color: BLUE, fill: true, value: (stats) => stats.durableMs.p50, format: ms },
      { label: 'p99', color: BLUE_PALE, value: (stats) => stats.durableMs.p99, format: ms },
    ],
    headline: (stats) => millis(stats.durableMs.p50),
    detail: (stats) => `p99 ${millis(stats.durableMs.p99)} ms`,
  },
  {
    id: 'log',
    title: 'Commit log',
    unit: 'batches/s',
    lines: [
      { label: 'batches/s', color: AMBER, fill: true, value: (stats) => stats.log.batchesPerS, format: compact },
      {
        label: 'bytes/s',
        color: '#f7dcae',
        secondary: true,
        value: (stats) => stats.log.bytesPerS,
        format: (value) => `${bytes(value)}/s`,
      },
    ],
    headline: (stats) => compact(stats.log.batchesPerS),
    detail: (stats) => `${bytes(stats.log.bytesPerS)}/s · ${compact(stats.log.inputsPerBatch)} inputs each`,
  },
  {
    id: 'connections',
    title: 'Connections',
    unit: '',
    lines: [{ label: 'open', color: '#d99cff', fill: true, value: (stats) => stats.connections, format: compact }],
    headline: (stats) => compact(stats.connections),
    detail: (stats) => `${compact(stats.sessions)} in the world`,
  },
]
