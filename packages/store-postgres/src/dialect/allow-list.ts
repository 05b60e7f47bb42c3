/**
 * What our SQL may consist of on CockroachDB: every kind of node of PostgreSQL's syntax tree, and within
 * it every field and value, for which CockroachDB's documentation says that it means the same there. What
 * is not listed is not allowed, so that a new construct has to be looked up before it can be used. The list
 * is as short as our statements permit, and shorter than what CockroachDB knows: DO blocks, triggers,
 * SKIP LOCKED and WITH exist there, with limits of their own that we have no reason to learn.
 *
 * Each entry names the page that was read: of the manual of v26.2, else an issue or pull request of
 * cockroachdb/cockroach where the manual is silent.
 */

/** The fields of a node, as the parser names them; it leaves out those that are false or empty. */
export type SyntaxFields = Readonly<Record<string, unknown>>

type Scalar = string | number | boolean

export type FieldRule =
  /** A name, a literal or a number: any scalar. */
  | 'scalar'
  /** A node, or a list of nodes; each is looked up by its own kind. */
  | 'nodes'
  /** One of these values. */
  | readonly Scalar[]
  /** A node of this kind, which the tree writes without naming it. */
  | { readonly node: string }
  /** A name that must be in this list. */
  | { readonly names: NameList }

export interface NodeRule {
  readonly page: string
  readonly fields: Readonly<Record<string, FieldRule>>
  /** What fields rule out together; returns why the node is not allowed. */
  readonly check?: (fields: SyntaxFields) => string | undefined
}

export interface NameList {
  readonly what: string
  /** The page that documents each name. */
  readonly pages: Readonly<Record<string, string>>
}

const manual = (page: string) => `https://www.cockroachlabs.com/docs/v26.2/${page}`
const issue = (number: number) => `https://github.com/cockroachdb/cockroach/issues/${number}`

const ALTER_TABLE = manual('alter-table')
const CREATE_INDEX = manual('create-index')
const CREATE_TABLE = manual('create-table')
const DATA_TYPES = manual('data-types')
const EXPRESSIONS = manual('scalar-expressions')
const FUNCTIONS = manual('functions-and-operators')
const INSERT = manual('insert')
const SELECT = manual('select-clause')
const TABLES = manual('table-expressions')

const FUNCTION_NAMES: NameList = {
  what: 'function',
  pages: {
    count: FUNCTIONS,
    decode: FUNCTIONS,
    encode: FUNCTIONS,
    gen_random_uuid: manual('uuid'),
    max: FUNCTIONS,
    min: FUNCTIONS,
    now: FUNCTIONS,
    // Of bytes, as bytes: since 20.2.
    substring: issue(58265),
    // With several arrays: issue 41434.
    unnest: issue(41434),
    version: FUNCTIONS,
    // EXTRACT(… FROM …) and AT TIME ZONE: the manual's special syntax forms.
    'pg_catalog.extract': FUNCTIONS,
    'pg_catalog.timezone': FUNCTIONS,
  },
}

const OPERATOR_NAMES: NameList = {
  what: 'operator',
  pages: {
    '=': FUNCTIONS,
    '<=': FUNCTIONS,
    '>': FUNCTIONS,
    '>=': FUNCTIONS,
    '+': FUNCTIONS,
    '-': FUNCTIONS,
    '*': FUNCTIONS,
    // LIKE
    '~~': FUNCTIONS,
    // ILIKE
    '~~*': FUNCTIONS,
    '<>': FUNCTIONS,
    '<': FUNCTIONS,
  },
}

/** Spelt as we write them, or as the parser replaces them: `integer` arrives as `pg_catalog.int4`. */
const TYPE_NAMES: NameList = {
  what: 'type',
  pages: {
    bool: manual('bool'),
    bytea: manual('bytes'),
    float8: manual('float'),
    int8: manual('int'),
    jsonb: manual('jsonb'),
    text: manual('string'),
    timestamptz: manual('timestamp'),
    uuid: manual('uuid'),
    'pg_catalog.bool': manual('bool'),
    'pg_catalog.float4': manual('float'),
    'pg_catalog.float8': manual('float'),
    'pg_catalog.int2': manual('int'),
    'pg_catalog.int4': manual('int'),
    'pg_catalog.int8': manual('int'),
    'pg_catalog.interval': manual('interval'),
    'pg_catalog.timestamp': manual('timestamp'),
    'pg_catalog.timestamptz': manual('timestamp'),
    'pg_catalog.varchar': manual('string'),
    'pg_catalog.json': manual('jsonb'),
  },
}

/** Types whose arrays a text can be cast to: the manual excepts JSONB and BYTES (data-types, array). */
const ARRAY_ELEMENTS = ['bool', 'float8', 'int8', 'text', 'timestamptz', 'uuid']

/** The catalogue's tables that we read. */
const CATALOG_TABLES: Readonly<Record<string, string>> = {
  'information_schema.tables': manual('information-schema'),
}
const CATALOG_SCHEMAS = ['information_schema', 'pg_catalog', 'crdb_internal', 'pg_toast']

/** The settings of a session that we change (set-vars). */
const SETTING_NAMES = ['search_path']

/** PostgreSQL's hidden columns; CockroachDB has hidden columns of its own (crdb-internal, MVCC timestamps). */
const HIDDEN_COLUMNS = ['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid', 'oid']

export const NODE_RULES: Readonly<Record<string, NodeRule>> = {
  // Statements.
  TransactionStmt: {
    page: manual('transactions'),
    fields: { kind: ['TRANS_STMT_BEGIN', 'TRANS_STMT_COMMIT', 'TRANS_STMT_ROLLBACK'] },
  },
  VariableSetStmt: {
    page: manual('set-vars'),
    fields: { kind: ['VAR_SET_VALUE'], name: SETTING_NAMES, args: 'nodes' },
  },
  SelectStmt: {
    page: manual('selection-queries'),
    fields: {
      targetList: 'nodes',
      fromClause: 'nodes',
      whereClause: 'nodes',
      valuesLists: 'nodes',
      groupClause: 'nodes',
      sortClause: 'nodes',
      limitCount: 'nodes',
      limitOffset: 'nodes',
      limitOption: ['LIMIT_OPTION_DEFAULT', 'LIMIT_OPTION_COUNT'],
      op: ['SETOP_NONE'],
    },
  },
  InsertStmt: {
    page: INSERT,
    fields: {
      relation: { node: 'RangeVar' },
      cols: 'nodes',
      selectStmt: 'nodes',
      onConflictClause: { node: 'OnConflictClause' },
      returningClause: { node: 'ReturningClause' },
      override: ['OVERRIDING_NOT_SET'],
    },
  },
  UpdateStmt: {
    page: manual('update'),
    fields: {
      relation: { node: 'RangeVar' },
      targetList: 'nodes',
      fromClause: 'nodes',
      whereClause: 'nodes',
      returningClause: { node: 'ReturningClause' },
    },
  },
  DeleteStmt: { page: manual('delete'), fields: { relation: { node: 'RangeVar' }, whereClause: 'nodes' } },
  CreateSchemaStmt: { page: manual('create-schema'), fields: { schemaname: 'scalar', if_not_exists: [true] } },
  CreateStmt: {
    page: CREATE_TABLE,
    fields: {
      relation: { node: 'RangeVar' },
      tableElts: 'nodes',
      oncommit: ['ONCOMMIT_NOOP'],
      if_not_exists: [true],
    },
  },
  AlterTableStmt: {
    page: ALTER_TABLE,
    fields: { relation: { node: 'RangeVar' }, cmds: 'nodes', objtype: ['OBJECT_TABLE'] },
    check: ({ cmds }) =>
      (cmds as unknown[]).length === 1
        ? undefined
        : 'ALTER COLUMN TYPE is refused among other changes: one change each',
  },
  AlterTableCmd: {
    page: ALTER_TABLE,
    fields: {
      subtype: [
        'AT_AddColumn',
        'AT_DropColumn',
        'AT_ColumnDefault',
        'AT_AlterColumnType',
        'AT_DropNotNull',
        'AT_SetNotNull',
        'AT_AddConstraint',
        'AT_DropConstraint',
      ],
      name: 'scalar',
      def: 'nodes',
      behavior: ['DROP_RESTRICT'],
      // ADD COLUMN IF NOT EXISTS.
      missing_ok: [true],
    },
  },
  IndexStmt: {
    page: CREATE_INDEX,
    fields: {
      idxname: 'scalar',
      relation: { node: 'RangeVar' },
      accessMethod: ['btree'],
      indexParams: 'nodes',
      whereClause: 'nodes',
      unique: [true],
      if_not_exists: [true],
    },
  },
  DropStmt: {
    page: manual('drop-table'),
    fields: {
      objects: 'nodes',
      removeType: ['OBJECT_TABLE', 'OBJECT_INDEX'],
      behavior: ['DROP_RESTRICT', 'DROP_CASCADE'],
    },
  },

  // Their parts.
  ColumnDef: {
    page: CREATE_TABLE,
    fields: { colname: 'scalar', typeName: { node: 'TypeName' }, constraints: 'nodes', is_local: [true] },
  },
  Constraint: {
    page: manual('constraints'),
    fields: {
      contype: [
        'CONSTR_PRIMARY',
        'CONSTR_NOTNULL',
        'CONSTR_DEFAULT',
        'CONSTR_CHECK',
        'CONSTR_FOREIGN',
        'CONSTR_UNIQUE',
      ],
      conname: 'scalar',
      keys: 'nodes',
      raw_expr: 'nodes',
      // Foreign keys of rows as a whole, which refuse, or delete what refers to a row that goes (foreign-key).
      pktable: { node: 'RangeVar' },
      fk_attrs: 'nodes',
      pk_attrs: 'nodes',
      fk_matchtype: ['s'],
      fk_upd_action: ['a'],
      fk_del_action: ['a', 'c'],
      is_enforced: [true],
      initially_valid: [true],
    },
  },
  IndexElem: {
    page: CREATE_INDEX,
    fields: {
      name: 'scalar',
      ordering: ['SORTBY_DEFAULT', 'SORTBY_ASC', 'SORTBY_DESC'],
      nulls_ordering: ['SORTBY_NULLS_DEFAULT', 'SORTBY_NULLS_FIRST', 'SORTBY_NULLS_LAST'],
    },
    // NULLs come first in its indexes; it takes NULLS FIRST and LAST only where they say what it does anyway.
    check: ({ ordering, nulls_ordering }) => {
      const contrary = ordering === 'SORTBY_DESC' ? 'SORTBY_NULLS_FIRST' : 'SORTBY_NULLS_LAST'
      return nulls_ordering === contrary ? `NULLS in this place are not implemented: ${issue(6224)}` : undefined
    },
  },
  OnConflictClause: {
    page: INSERT,
    fields: {
      action: ['ONCONFLICT_NOTHING', 'ONCONFLICT_UPDATE'],
      infer: { node: 'InferClause' },
      targetList: 'nodes',
      whereClause: 'nodes',
    },
  },
  InferClause: { page: INSERT, fields: { indexElems: 'nodes' } },
  ReturningClause: { page: INSERT, fields: { exprs: 'nodes' } },
  ResTarget: { page: SELECT, fields: { name: 'scalar', val: 'nodes' } },
  SortBy: {
    page: manual('order-by'),
    fields: {
      node: 'nodes',
      sortby_dir: ['SORTBY_DEFAULT', 'SORTBY_ASC', 'SORTBY_DESC'],
      sortby_nulls: ['SORTBY_NULLS_DEFAULT', 'SORTBY_NULLS_FIRST', 'SORTBY_NULLS_LAST'],
    },
  },
  RangeVar: {
    page: TABLES,
    fields: {
      schemaname: 'scalar',
      relname: 'scalar',
      alias: { node: 'Alias' },
      inh: [true],
      relpersistence: ['p'],
    },
    check: ({ schemaname, relname, inh }) => {
      // The tree leaves `false` out.
      if (inh !== true) return 'no ONLY: there is no inheritance'
      const catalog = CATALOG_SCHEMAS.includes(schemaname as string) || String(relname).startsWith('pg_')
      const name = `${schemaname}.${relname}`
      return catalog && CATALOG_TABLES[name] === undefined
        ? `the catalogue's table ${name} is not in the list`
        : undefined
    },
  },
  RangeSubselect: { page: TABLES, fields: { subquery: 'nodes', alias: { node: 'Alias' } } },
  RangeFunction: { page: TABLES, fields: { functions: 'nodes', alias: { node: 'Alias' } } },
  Alias: { page: TABLES, fields: { aliasname: 'scalar', colnames: 'nodes' } },

  // Expressions.
  A_Expr: {
    page: EXPRESSIONS,
    fields: {
      kind: ['AEXPR_OP', 'AEXPR_OP_ANY', 'AEXPR_LIKE', 'AEXPR_ILIKE'],
      name: { names: OPERATOR_NAMES },
      lexpr: 'nodes',
      rexpr: 'nodes',
    },
  },
  BoolExpr: { page: EXPRESSIONS, fields: { boolop: ['AND_EXPR', 'OR_EXPR', 'NOT_EXPR'], args: 'nodes' } },
  NullTest: { page: EXPRESSIONS, fields: { arg: 'nodes', nulltesttype: ['IS_NULL', 'IS_NOT_NULL'] } },
  BooleanTest: { page: EXPRESSIONS, fields: { arg: 'nodes', booltesttype: ['IS_TRUE', 'IS_FALSE', 'IS_UNKNOWN'] } },
  CaseExpr: { page: EXPRESSIONS, fields: { args: 'nodes' } },
  CaseWhen: { page: EXPRESSIONS, fields: { expr: 'nodes', result: 'nodes' } },
  CoalesceExpr: { page: EXPRESSIONS, fields: { args: 'nodes' } },
  SubLink: { page: EXPRESSIONS, fields: { subLinkType: ['EXPR_SUBLINK', 'EXISTS_SUBLINK'], subselect: 'nodes' } },
  FuncCall: {
    page: FUNCTIONS,
    fields: {
      funcname: { names: FUNCTION_NAMES },
      args: 'nodes',
      // count(*)
      agg_star: [true],
      funcformat: ['COERCE_EXPLICIT_CALL', 'COERCE_SQL_SYNTAX'],
    },
  },
  TypeCast: { page: DATA_TYPES, fields: { arg: 'nodes', typeName: { node: 'TypeName' } } },
  TypeName: {
    page: DATA_TYPES,
    fields: { names: { names: TYPE_NAMES }, typmods: 'nodes', arrayBounds: 'nodes', typemod: [-1] },
    check: ({ names, arrayBounds }) => {
      if (arrayBounds === undefined) return undefined
      if ((arrayBounds as unknown[]).length > 1) return `no arrays of arrays: ${manual('array')}`
      const element = (names as { String: { sval: string } }[]).at(-1)?.String.sval ?? ''
      return ARRAY_ELEMENTS.includes(element) ? undefined : `no array of ${element} from a text: ${DATA_TYPES}`
    },
  },
  ColumnRef: {
    page: EXPRESSIONS,
    // Only names: no `*`, whose columns change under a statement that somebody has prepared.
    fields: { fields: 'nodes' },
    check: ({ fields }) => {
      const name = (fields as { String?: { sval: string } }[]).at(-1)?.String?.sval
      return name !== undefined && HIDDEN_COLUMNS.includes(name) ? `no hidden column ${name}` : undefined
    },
  },
  ParamRef: { page: manual('sql-grammar'), fields: { number: 'scalar' } },
  A_Const: {
    page: manual('sql-constants'),
    fields: {
      ival: { node: 'Integer' },
      fval: { node: 'Float' },
      boolval: { node: 'Boolean' },
      sval: { node: 'String' },
      isnull: [true],
    },
  },
  Integer: { page: manual('sql-constants'), fields: { ival: 'scalar' } },
  Float: { page: manual('sql-constants'), fields: { fval: 'scalar' } },
  Boolean: { page: manual('sql-constants'), fields: { boolval: 'scalar' } },
  String: { page: manual('sql-constants'), fields: { sval: 'scalar' } },
  List: { page: EXPRESSIONS, fields: { items: 'nodes' } },
}
