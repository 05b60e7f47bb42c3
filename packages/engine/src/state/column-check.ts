import type { ColumnSchema } from '../world/kind-schema.js'

/**
 * Checks a value against its column when it is written, so that nothing enters memory or the log that
 * the SQL table would refuse later. Returns what is wrong, or undefined.
 */
export type ColumnCheck = (value: unknown) => string | undefined

/** Ranges of PostgreSQL's integer types; `bigint` is bounded by what a JavaScript number holds exactly. */
const INTEGER_MAX: Record<string, number> = { smallint: 32_767, integer: 2_147_483_647 }

export function columnCheck(column: ColumnSchema): ColumnCheck {
  const byType = typeCheck(column)
  return (value) => {
    if (value === null) return column.notNull ? 'must not be null' : undefined
    return byType(value)
  }
}

function typeCheck(column: ColumnSchema): ColumnCheck {
  switch (column.type) {
    case 'integer': {
      const max = INTEGER_MAX[column.sqlType] ?? Number.MAX_SAFE_INTEGER
      return (value) =>
        Number.isSafeInteger(value) && (value as number) <= max && (value as number) >= -max - 1
          ? undefined
          : `must be an integer within ±${max}`
    }
    case 'float': {
      const max = column.sqlType === 'real' ? REAL_MAX : Number.MAX_VALUE
      return (value) =>
        Number.isFinite(value) && Math.abs(value as number) <= max
          ? undefined
          : `must be a finite number within ±${max}`
    }
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? undefined : 'must be true or false')
    case 'text': {
      const limit = Number(/\((\d+)\)/.exec(column.sqlType)?.[1] ?? Number.POSITIVE_INFINITY)
      const isUuid = column.sqlType === 'uuid'
      return (value) => {
        if (typeof value !== 'string') return 'must be text'
        if (value.length > limit) return `must have at most ${limit} characters`
        // PostgreSQL stores neither the character NUL nor half of a surrogate pair.
        if (value.includes('\0') || !value.isWellFormed()) return 'must be well-formed text without NUL'
        return isUuid && !UUID.test(value) ? 'must be a UUID' : undefined
      }
    }
    case 'date':
      return (value) => (value instanceof Date && Number.isFinite(value.getTime()) ? undefined : 'must be a valid Date')
    case 'json':
      return (value) => jsonProblem(value)
    case 'bytes':
      return (value) => (value instanceof Uint8Array ? undefined : 'must be bytes')
  }
}

/** Largest number that PostgreSQL's `real` holds. */
const REAL_MAX = 3.402_823_466e38

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

function jsonProblem(value: unknown): string | undefined {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    return 'must be JSON'
  }
  if (text === undefined) return 'must be JSON'
  return text.includes('\\u0000') || !text.isWellFormed() ? 'must be JSON without NUL characters' : undefined
}
