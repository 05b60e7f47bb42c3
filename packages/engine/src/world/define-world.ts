import { TerraneError } from '@terrane/core'
import type { Table as DrizzleTable, InferInsertModel, InferSelectModel } from 'drizzle-orm'
import type { z } from 'zod'
import { replicaSchemaOf } from '../replicas/replica-schema.js'
import type { ZoneAddress } from '../zones/zone-address.js'
import {
  type Authority,
  type Placement,
  type ZoneLayout,
  type ZonesDefinition,
  zoneLayoutOf,
} from '../zones/zone-layout.js'
import type { Borders } from './borders.js'
import type { HandoverSender, Handovers } from './handover.js'
import { type KindSchema, kindSchemaOf } from './kind-schema.js'
import type { ReplicaReader, Replication } from './replication.js'

/** Where an entity is seen. Decides to which cell of the zone its changes are published. */
export type Visibility<Row> =
  /** By every client of the zone. */
  | { readonly to: 'everyone' }
  /** By the sessions of one player: `column` holds the player's id. */
  | { readonly to: 'owner'; readonly column: keyof Row & string }
  /** By the clients in one room: `column` holds the room's name or number. */
  | { readonly to: 'room'; readonly column: keyof Row & string }
  /** By the clients near it: `x` and `y` are numeric columns, in world units. */
  | { readonly to: 'nearby'; readonly x: keyof Row & string; readonly y: keyof Row & string }
  /** By no client. */
  | { readonly to: 'nobody' }

export interface IndexDefinition<Row> {
  readonly on: readonly (keyof Row & string)[]
  /** A second row with the same values is refused. */
  readonly unique?: boolean
  /** Keeps the rows sorted, so that `range` works. */
  readonly ordered?: boolean
}

export interface KindDefinition<
  T extends DrizzleTable = DrizzleTable,
  X = Indexes<InferSelectModel<T>>,
  C extends string = keyof InferSelectModel<T> & string,
> {
  readonly table: T
  /**
   * `log` (default): durable with the commit log, in the SQL table at the next checkpoint.
   * `commit`: the SQL row is written in the commit's own transaction (scores, money).
   */
  readonly persist?: 'log' | 'commit'
  readonly indexes?: X
  readonly visible?: Visibility<InferSelectModel<T>>
  /** Which zone its rows belong in; default: the zone that inserts them. Others are refused: `not_the_authority`. */
  readonly placed?: Placement<InferSelectModel<T>>
  /** Which other zones have copies of its rows, to read in transactions (`tx.replicas`) and for their clients; default: none. */
  readonly replicate?: Replication<InferSelectModel<T>, C>
}

export type Indexes<Row> = Readonly<Record<string, IndexDefinition<Row>>>

/** Declares a kind, so that its indexes and columns are typed. */
export function kind<
  T extends DrizzleTable,
  const X extends Indexes<InferSelectModel<T>> = Record<never, never>,
  const C extends keyof InferSelectModel<T> & string = keyof InferSelectModel<T> & string,
>(table: T, options: Omit<KindDefinition<T, X, C>, 'table'> = {}): KindDefinition<T, X, C> {
  return { table, ...options }
}

// biome-ignore lint/suspicious/noExplicitAny: the widest kind; rows of a concrete one are inferred from its table
export type AnyKind = KindDefinition<any, any, any>
export type Kinds = Readonly<Record<string, AnyKind>>

export type RowOf<K extends AnyKind> = InferSelectModel<K['table']>
export type InsertOf<K extends AnyKind> = InferInsertModel<K['table']>
export type Key = string | number

/** Reading one kind. Rows are live views: read-only, and changed in place by later updates. */
export interface ReadTable<K extends AnyKind> {
  get(key: Key): Readonly<RowOf<K>> | undefined
  /** The row, or a rejection with the code `not_found`. */
  must(key: Key): Readonly<RowOf<K>>
  has(key: Key): boolean
  readonly count: number
  /** All rows, in order of insertion. */
  all(): IterableIterator<Readonly<RowOf<K>>>
  /** The indexes that the kind declares. */
  readonly by: { readonly [N in keyof NonNullable<K['indexes']>]: Index<RowOf<K>> }
  /** Rows within `radius` of a point, for kinds that are visible nearby. */
  near(x: number, y: number, radius: number): Readonly<RowOf<K>>[]
}

/** A secondary index. Values stand in the order of `on`. */
export interface Index<Row> {
  /** The first row with these values. */
  get(...values: unknown[]): Readonly<Row> | undefined
  list(...values: unknown[]): Readonly<Row>[]
  count(...values: unknown[]): number
  /** Rows in order, of an `ordered` index; bounds are prefixes of the index's columns. */
  range(options?: RangeOptions): Readonly<Row>[]
}

export interface RangeOptions {
  readonly from?: readonly unknown[]
  readonly to?: readonly unknown[]
  readonly reverse?: boolean
  readonly limit?: number
}

export interface WriteTable<K extends AnyKind> extends ReadTable<K> {
  /** Adds a row. Columns left out get their literal default, or null. Rejects `duplicate` keys. */
  insert(row: InsertOf<K>): Readonly<RowOf<K>>
  /** Changes columns of a row in place. Rejects `not_found`. The key cannot change. */
  update(key: Key, patch: Partial<RowOf<K>>): Readonly<RowOf<K>>
  delete(key: Key): boolean
}

export type ReadTables<K extends Kinds> = { readonly [N in keyof K]: ReadTable<K[N]> }
export type WriteTables<K extends Kinds> = { readonly [N in keyof K]: WriteTable<K[N]> }

/** What every transaction offers beside the tables of its kinds. */
export interface TransactionContext {
  /** Whole milliseconds since the Unix epoch, whatever the clock says; constant within a transaction. */
  readonly now: number
  /** The player whose input this is; empty in ticks and `init`. */
  readonly player: string
  /** The zone in which this runs. */
  readonly zone: string
  /** What this zone has authority over: places, or players' own rows (`zones.persona`). */
  readonly authority: Authority
  /** The zone that an address means now. */
  zoneOf(address: ZoneAddress): string
  /** Uniform in [0, 1). */
  random(): number
  /** Uniform integer in [low, high], both included. */
  randomInt(low: number, high: number): number
  /** A new unique id, 16 characters. */
  newId(): string
  /** Rolls everything back and tells the player why. */
  reject(code: string, message: string): never
  /** In an op: the zone that sent it, or that refused it. Otherwise empty. */
  readonly from: string
}

/** Arguments by name: of inputs, or of ops. */
export type Schemas = Readonly<Record<string, z.ZodType>>
// biome-ignore lint/complexity/noBannedTypes: the schemas of a world without ops
export type NoOps = {}

export interface OpSender<O extends Schemas> {
  /**
   * Sends an op to another zone: by name, to `persona(player)`, or to `place(x, y, z)`. It leaves when this transaction
   * is durable, arrives once, and after all that happened before it. A transaction that is rolled back sends nothing.
   * When an address turns out to be in this very zone, the op runs right after this transaction, by itself.
   *
   * Throws a rejection: `invalid_args`, `unknown_op`, `unknown_zone`, `own_zone` (its own name), `op_too_large`, or
   * `zone_congested` (later again) when too much is on its way there.
   */
  send<N extends keyof O & string>(zone: ZoneAddress, op: N, args: z.input<O[N]>): void
}

export type Transaction<K extends Kinds, O extends Schemas = NoOps> = WriteTables<K> &
  TransactionContext &
  ReplicaReader<K> &
  HandoverSender<K> &
  OpSender<O>

/** Plain data. A promise does not fit: transactions are synchronous. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement has this type
export type InputResult = void | null | undefined | boolean | number | string | readonly unknown[] | PlainObject
interface PlainObject {
  readonly [field: string]: unknown
  readonly then?: never
}

export interface InputDefinition<K extends Kinds, A extends z.ZodType, O extends Schemas = NoOps> {
  /** Checked before `apply` runs. An object schema: its fields travel in the order in which they stand. */
  readonly args: A
  /** Synchronous. A throw rolls back. What it returns reaches the client's `applied` promise. */
  apply(tx: Transaction<K, O>, args: z.infer<A>): InputResult
  /** Inputs of this kind per second that one session may send, beside the limit for all. */
  readonly perSecond?: number
}

/** Why an op had no effect where it was sent. */
export interface OpRefusal {
  /** What `tx.reject` was given; or `unknown_op`, `invalid_args`: the receiver's world is another version. */
  readonly code: string
  readonly message: string
}

/** A message from one zone to another. */
export interface OpDefinition<K extends Kinds, A extends z.ZodType, O extends Schemas> {
  /** Checked when it is sent, and again before `apply` runs. */
  readonly args: A
  /** Runs once in the receiving zone. What it rejects, and whatever it throws, has no effect there. */
  apply(tx: Transaction<K, O>, args: z.infer<A>): void
  /**
   * Runs once in the sending zone after `apply` rejected: the place to make good what the sender did. Without it, and
   * when it fails itself, the op becomes a dead letter.
   */
  refused?(tx: Transaction<K, O>, args: z.infer<A>, why: OpRefusal): void
  /**
   * Where `refused` runs, when what it makes good for is in rows that may have gone to another zone meanwhile (`placed`):
   * for instance `({ from }) => persona(from)`. Default: in the zone that sent the op.
   */
  refusedAt?(args: z.infer<A>): ZoneAddress
}

export interface TickDefinition<K extends Kinds, O extends Schemas = NoOps> {
  readonly everyMs: number
  /** In which zones it runs; default: in all. */
  readonly in?: (zone: string) => boolean
  apply(tx: Transaction<K, O>, elapsedMs: number): void
}

/**
 * What an operator may do in one zone, and no player: one transaction, however many rows it writes. It answers when
 * all of that is durable.
 */
export interface CommandDefinition<K extends Kinds, A extends z.ZodType, O extends Schemas = NoOps> {
  /** Checked before `apply` runs. */
  readonly args: A
  /** Synchronous. A throw rolls back. */
  apply(tx: Transaction<K, O>, args: z.infer<A>): InputResult
}

/** A number that operators watch, in /api/stats and /metrics. */
export interface FigureDefinition<K extends Kinds> {
  /** What it counts, and in which unit. */
  readonly help: string
  /** Which zones have it; default: all. */
  in?(zone: string): boolean
  /** Read about once a second in every loaded zone: keep it cheap. Sees one zone. */
  read(tables: ReadTables<K>): number
  /** From this value on somebody should look. */
  readonly alertAt?: number
}

/** Returns what is wrong, or undefined. Sees one zone. */
export type Invariant<K extends Kinds> = (tables: ReadTables<K>) => string | undefined

export interface InterestDefinition<K extends Kinds> {
  /** Publications per second of state to clients; default 20. */
  readonly hz?: number
  /** Radius around its focus within which a client sees `nearby` kinds, world units; default 1000. */
  readonly radius?: number
  /** Edge of a cell; default radius / 5. */
  readonly cell?: number
  /**
   * Where a player's attention is: `follow` reads it from the tables; when absent the client says it
   * with `focus`, and `area` bounds what it may ask for.
   */
  follow?(tables: ReadTables<K>, player: string): { readonly x: number; readonly y: number } | undefined
  /** Rooms that a player may see; default: any room it asks for. */
  rooms?(tables: ReadTables<K>, player: string): readonly Key[]
  /** Whether a client may watch the whole zone (maps, dashboards); default true in development only. */
  readonly observers?: boolean
}

export interface WorldDefinition<
  K extends Kinds = Kinds,
  I extends Schemas = Schemas,
  O extends Schemas = NoOps,
  C extends Schemas = NoOps,
> {
  /** Lower case, digits and dashes: names the world in the database. */
  readonly name: string
  readonly kinds: K
  readonly inputs?: { readonly [N in keyof I]: InputDefinition<K, I[N], O> }
  /** Messages between zones. */
  readonly ops?: { readonly [N in keyof O]: OpDefinition<K, O[N], O> }
  /** What operators may do in a zone. */
  readonly commands?: { readonly [N in keyof C]: CommandDefinition<K, C[N], O> }
  readonly ticks?: Readonly<Record<string, TickDefinition<K, O>>>
  readonly invariants?: Readonly<Record<string, Invariant<K>>>
  readonly figures?: Readonly<Record<string, FigureDefinition<K>>>
  readonly interest?: InterestDefinition<K>
  /** Rows that move to the zone in whose place they stand. Needs `borders`, or zones of space. */
  readonly handovers?: Handovers<K, O>
  /** Which zones own which places, for rows that move, or are copied to the zones near them; default: as `zones` cuts space. */
  readonly borders?: Borders
  /**
   * Zones that exist from the start and stay loaded, by name; default `["main"]`. Or the same with space cut into
   * zones (`spatial`), and with zones for players' own rows (`persona`).
   */
  readonly zones?: readonly string[] | ZonesDefinition
  /** Which further zone ids may be opened on demand (instances, rooms); default: none. */
  opens?(zone: string): boolean
  /**
   * Which of these come into being when a player joins them; the others are founded by commands and ops, so that
   * nobody fills the database with empty zones. Default: all.
   */
  founds?(zone: string): boolean
  /** Whether a zone that was opened on demand stays loaded, and ticks, while nobody is there; default: none does. */
  keeps?(tables: ReadTables<K>, zone: string): boolean
  /** Fills a zone that is opened for the first time. */
  init?(tx: Transaction<K, O>): void
  /** Runs when a player's first session joins a zone; the place to create an avatar. */
  join?(tx: Transaction<K, O>): void
  /**
   * A chart of the whole world for maps, as plain data; undefined while there is none. It is served to everyone at
   * `GET /api/galaxy`. Return the same object as long as nothing has changed: it is then encoded once.
   */
  galaxy?(): object | undefined
}

export interface World<
  K extends Kinds = Kinds,
  I extends Schemas = Schemas,
  O extends Schemas = NoOps,
  C extends Schemas = NoOps,
> extends WorldDefinition<K, I, O, C> {
  readonly schemas: readonly KindSchema[]
  /** How copies of rows of other zones look to clients: behind the kinds, and in no database. */
  readonly replicaSchemas: readonly KindSchema[]
  readonly inputNames: readonly string[]
  /** What `zones` says, in one form. */
  readonly layout: ZoneLayout
}

// biome-ignore lint/suspicious/noExplicitAny: the widest world, for code that handles any of them
export type AnyWorld = World<any, any, any, any>

const RESERVED = new Set([
  'now',
  'player',
  'zone',
  'random',
  'randomInt',
  'newId',
  'reject',
  'send',
  'emit',
  'from',
  'authority',
  'zoneOf',
  'replicas',
  'handOver',
])
/** An op's name travels with each op. */
const OP_NAME_MAX = 64
const NAME = /^[a-z][a-z0-9-]{0,39}$/

/**
 * Defines a world: the tables it keeps, the inputs it takes, what happens by itself, and what must
 * always hold. Throws `invalid_world` with the reason when a part does not fit.
 */
export function defineWorld<K extends Kinds, I extends Schemas, O extends Schemas = NoOps, C extends Schemas = NoOps>(
  definition: WorldDefinition<K, I, O, C>,
): World<K, I, O, C> {
  if (!NAME.test(definition.name)) {
    throw invalid(`the world's name "${definition.name}" is not usable`, 'Use lower-case letters, digits and dashes.')
  }
  const layout = zoneLayoutOf(definition.zones)
  const schemas = Object.entries(definition.kinds).map(([name, each]) => {
    if (RESERVED.has(name))
      throw invalid(`a kind may not be called "${name}"`, 'Transactions have a member of that name.')
    if (name.startsWith('terrane.')) throw invalid(`a kind may not be called "${name}"`, "terrane.… is the engine's.")
    const schema = kindSchemaOf(name, each.table, each.persist ?? 'log')
    checkColumns(schema, each)
    checkPlacement(schema, each, layout)
    return schema
  })
  const tables = new Set<string>()
  for (const schema of schemas) {
    if (tables.has(schema.sqlName)) throw invalid(`two kinds use the table "${schema.sqlName}"`, 'Give each its own.')
    tables.add(schema.sqlName)
  }
  for (const name of Object.keys(definition.ops ?? {})) {
    if (name.startsWith('terrane.')) throw invalid(`an op may not be called "${name}"`, "terrane.… is the engine's.")
    if (name.length > OP_NAME_MAX) throw invalid(`the op "${name}" has a long name`, `Use ${OP_NAME_MAX} characters.`)
  }
  for (const [name, input] of Object.entries(definition.inputs ?? {})) {
    if (fieldsOf(input.args) === undefined) {
      throw invalid(`input "${name}": its args are not an object schema`, 'Use z.object({ … }), also for none.')
    }
  }
  for (const [name, tick] of Object.entries(definition.ticks ?? {})) {
    if (!(tick.everyMs >= 1)) throw invalid(`tick "${name}": everyMs must be at least 1`, 'Give a period in ms.')
  }
  checkHandovers(definition, definition.kinds, layout)
  const replicaSchemas = schemas.flatMap((schema) => {
    const { replicate, visible } = definition.kinds[schema.name] as AnyKind
    return replicate === undefined ? [] : [replicaSchemaOf(schema, replicate, visible)]
  })
  return { ...definition, schemas, replicaSchemas, inputNames: Object.keys(definition.inputs ?? {}), layout }
}

/** The names of an object schema's fields, in order; undefined for any other schema. */
export function fieldsOf(schema: z.ZodType): readonly string[] | undefined {
  const shape = (schema as { shape?: unknown }).shape
  return typeof shape === 'object' && shape !== null ? Object.keys(shape) : undefined
}

function checkColumns(schema: KindSchema, definition: AnyKind): void {
  const known = new Set(schema.columns.map((column) => column.name))
  const need = (column: string, where: string) => {
    if (!known.has(column))
      throw invalid(`kind "${schema.name}": ${where} names the unknown column "${column}"`, 'Check its spelling.')
  }
  for (const [name, index] of Object.entries(definition.indexes ?? {}) as [string, IndexDefinition<object>][]) {
    for (const column of index.on) need(column, `index "${name}"`)
  }
  const visible = definition.visible as Visibility<Record<string, unknown>> | undefined
  if (visible?.to === 'owner' || visible?.to === 'room') need(visible.column, 'visible')
  if (visible?.to === 'nearby') {
    need(visible.x, 'visible')
    need(visible.y, 'visible')
  }
}

function checkPlacement(schema: KindSchema, { placed }: AnyKind, layout: ZoneLayout): void {
  if (placed === undefined) return
  const columns = placed.by === 'player' ? [placed.column] : [placed.x, placed.y, placed.z]
  for (const column of columns) {
    const type = schema.columns.find(({ name }) => name === column)?.type
    if (type === undefined) {
      throw invalid(`kind "${schema.name}": placed names the unknown column "${column}"`, 'Check its spelling.')
    }
    const isFit = placed.by === 'player' ? type === 'text' : type === 'integer' || type === 'float'
    if (!isFit) {
      const hint = placed.by === 'player' ? 'Players go by text.' : 'Positions are numbers.'
      throw invalid(`kind "${schema.name}": placed names the ${type} column "${column}"`, hint)
    }
  }
  if (placed.by === 'player' && layout.personaCount === 0) {
    const hint = 'Declare zones: { persona: { count: 4 } }.'
    throw invalid(`kind "${schema.name}" is placed by player, and the world has no persona zones`, hint)
  }
  if (placed.by === 'position' && layout.space === undefined) {
    const hint = 'Declare zones: { spatial: { count: 4, bounds: { min, max } } }.'
    throw invalid(`kind "${schema.name}" is placed by position, and the world's space is not cut into zones`, hint)
  }
}

function checkHandovers(
  { handovers = {}, borders }: { readonly handovers?: object; readonly borders?: Borders },
  kinds: Kinds,
  layout: ZoneLayout,
): void {
  for (const [name, handover] of Object.entries(handovers)) {
    const kind = kinds[name]
    if (kind === undefined) throw invalid(`the unknown kind "${name}" is to be handed over`, 'Check its spelling.')
    const place = handover.position ?? kind.replicate?.position
    if (place === undefined) throw invalid(`handovers.${name} does not say where rows are`, 'Give it a position.')
    if (borders === undefined && layout.space === undefined) {
      throw invalid(`rows of "${name}" are to move between zones, and no zone owns a place`, 'Declare borders.')
    }
  }
}

function invalid(message: string, hint: string): TerraneError {
  return new TerraneError('invalid_world', message, { hint })
}
