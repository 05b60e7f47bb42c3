/**
 *   active ──append fails for a while──► stalled ──append succeeds──► active
 *   active, stalled ──drain()──► draining ──all durable and in the tables──► closed
 *   active ──hold()──► held ──release()──► active
 *   any ──fenced, failed, stopped──► closed
 *
 * Only an active zone changes its state; a stalled one refuses inputs (their numbers still count)
 * and runs no ticks, so that memory never runs far ahead of the database. A held one does nothing by itself, while
 * rows go from it to another zone, or come.
 */
export type ZoneState = 'active' | 'stalled' | 'held' | 'draining' | 'closed'
