/** Where a job stands. Nothing else says it: no copy in `meta`, none in memory that outlives a question. */
export type JobStatus = 'pending' | 'running' | 'completed' | 'failed' | 'cancelled'

/** What may follow what. A status that nothing follows is an end. */
export const TRANSITIONS: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  pending: ['running', 'failed', 'cancelled'],
  // Running again: another sentinel has taken it over.
  running: ['running', 'completed', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
}

export const JOB_STATUSES = Object.keys(TRANSITIONS) as readonly JobStatus[]

/** The statuses from which a job may come to `next`. */
export function statusesBefore(next: JobStatus): readonly JobStatus[] {
  return JOB_STATUSES.filter((status) => TRANSITIONS[status].includes(next))
}
