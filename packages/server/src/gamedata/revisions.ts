import { listRevisions, pruneRevisions } from '@terrane/store-postgres'
import { adminAccess, asCommand } from '../command/admin-database.js'
import type { DatabaseOptions } from '../command/database-options.js'
import type { Environment } from '../config/environment.js'

export interface ListOptions extends DatabaseOptions {
  readonly json: boolean
}

/** Prints the revisions that the database has. Throws `CommandFailure`. */
export async function listGameData(options: ListOptions, environment: Environment): Promise<void> {
  const access = await adminAccess(options, environment, 'the revisions cannot be listed')
  const revisions = await asCommand('the revisions cannot be listed', () => listRevisions(access))
  for (const { revision, patch, loadedAt, isCurrent, openJobs } of revisions) {
    const notes = [patch, `loaded ${loadedAt}`, isCurrent ? 'current' : '', openJobs > 0 ? `${openJobs} open jobs` : '']
    process.stderr.write(`${revision}: ${notes.filter((note) => note !== '').join(', ')}\n`)
  }
  if (revisions.length === 0) process.stderr.write('no revision is loaded; terrane gamedata import loads one\n')
  if (options.json) process.stdout.write(`${JSON.stringify({ name: 'gamedata list', passed: true, revisions })}\n`)
}

export interface PruneOptions extends ListOptions {
  readonly keep: number
}

/** Removes old revisions that no open job uses. Throws `CommandFailure`. */
export async function pruneGameData(options: PruneOptions, environment: Environment): Promise<void> {
  const access = await adminAccess(options, environment, 'old revisions cannot be removed')
  const removed = await asCommand('old revisions cannot be removed', () => pruneRevisions(access, options.keep))
  process.stderr.write(removed.length === 0 ? 'nothing to remove\n' : `removed: ${removed.join(', ')}\n`)
  if (options.json) process.stdout.write(`${JSON.stringify({ name: 'gamedata prune', passed: true, removed })}\n`)
}
