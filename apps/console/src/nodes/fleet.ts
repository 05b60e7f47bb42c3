import { compact } from '../format.js'
import type { FleetNode, NodeInfo } from '../jobs/jobs-api.js'

/** What comes first is what somebody may want to do something about. */
export function stateText(node: FleetNode): string {
  if (node.activity?.outdated !== undefined) return 'needs its update'
  const paused = pausedText(node)
  return paused === undefined ? node.status : `${node.status}, ${paused}`
}

/** Undefined while it is not paused. */
export function pausedText({ pausedBy }: Pick<NodeInfo, 'pausedBy'>): string | undefined {
  if (pausedBy === undefined) return undefined
  return pausedBy === 'operator' ? 'paused by an operator' : 'paused'
}

/** Fights a second of one core; nothing is known before a node's first chunk. */
export function speedText({ activity }: FleetNode): string {
  const { unitsPerSecond } = activity ?? {}
  return unitsPerSecond === undefined ? '–' : `${compact(unitsPerSecond)}/s a core`
}

/** Of the server that answers: another one may have given it more. */
export function heldText({ activity }: FleetNode): string {
  if (activity === undefined) return '–'
  const chunks = activity.chunks.reduce((sum, { count }) => sum + count, 0)
  const jobs = activity.chunks.length
  if (chunks === 0) return 'nothing'
  return `${chunks} ${chunks === 1 ? 'chunk' : 'chunks'} of ${jobs} ${jobs === 1 ? 'job' : 'jobs'}`
}

export function trustText({ distrust, confirmations }: FleetNode): string {
  return distrust === undefined ? `${confirmations} confirmed` : 'has lied'
}
