// What ops need to be durable, as kinds beside the world's own. So undo, log, checkpoint and recovery are theirs, too,
// and an op is in the outbox if and only if the effects of the transaction that sent it are in the log.
import type { AnyKind } from '../world/define-world.js'
import type { ColumnSchema, ColumnType, KindSchema } from '../world/kind-schema.js'

/** Ops that wait for an acknowledgement, by the zone's own count in their clock: in the order of sending. */
export const OUTBOX: KindSchema = systemKind('terrane.outbox', 'op_outbox', [
  ['id', 'integer', 'bigint'],
  ['destination', 'text', 'text'],
  ['sent_at', 'integer', 'bigint'],
  ['payload', 'bytes', 'bytea'],
])

/** One row: what `MailboxCodec` writes. */
export const MAILBOX: KindSchema = systemKind('terrane.mailbox', 'op_mailbox', [
  ['id', 'integer', 'bigint'],
  ['state', 'bytes', 'bytea'],
])

/** Ops that could not be applied, and that nobody else will make good for. */
export const DEAD_LETTERS: KindSchema = systemKind('terrane.dead-letters', 'op_dead_letters', [
  ['id', 'text', 'text'],
  ['sender', 'text', 'text'],
  ['op', 'text', 'text'],
  ['args', 'text', 'text'],
  ['code', 'text', 'text'],
  ['reason', 'text', 'text'],
  ['died_at', 'integer', 'bigint'],
])

export const SYSTEM_KINDS: readonly KindSchema[] = [OUTBOX, MAILBOX, DEAD_LETTERS]

/** How a table of such a kind is made. */
export const SYSTEM_KIND: AnyKind = { table: undefined, visible: { to: 'nobody' } }

function systemKind(
  name: string,
  sqlName: string,
  columns: readonly (readonly [name: string, type: ColumnType, sqlType: string])[],
): KindSchema {
  return {
    name,
    sqlName,
    sqlSchema: 'terrane',
    keyColumn: 0,
    persist: 'log',
    columns: columns.map(
      ([column, type, sqlType]): ColumnSchema => ({
        name: column,
        sqlName: column,
        type,
        sqlType,
        notNull: true,
        hasDefault: false,
        defaultValue: undefined,
      }),
    ),
  }
}
