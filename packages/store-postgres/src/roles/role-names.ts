/** The roles that separate who may do what: changing tables, changing rows, reading. */
export const ROLES = {
  /** Owns the database's objects and runs migrations; never used by a running server. */
  admin: 'gateway_admin',
  /** What a server runs as: reads and changes rows, cannot create, alter, drop or truncate. */
  writer: 'gateway_writer',
  /** Reads. */
  reader: 'gateway_reader',
} as const

export type RoleName = (typeof ROLES)[keyof typeof ROLES]
