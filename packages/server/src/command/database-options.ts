import type { Command } from 'commander'
import { DEFAULTS } from '../config/options.js'

/** Which database a command means, whose work needs gateway_admin. */
export interface DatabaseOptions {
  /** The database as gateway_admin. */
  readonly url?: string
  readonly certs?: string
  /** Of the server whose embedded database is meant when no URL is known. */
  readonly data: string
}

/** Gives a command these options, and `--json`. */
export function withDatabase(command: Command): Command {
  return command
    .option('--url <url>', 'the database as gateway_admin (default: DATABASE_ADMIN_URL)')
    .option('--certs <directory>', 'the certificates to connect with (default: DATABASE_CERTS)')
    .option('--data <directory>', 'of a running server, for its embedded database', DEFAULTS.data)
    .option('--json', 'end stdout with one line of JSON', false)
}
