/** Numbers and rows as people read them. Pure; locale-independent, so that a picture is the same everywhere. */

/** `0`, `7.3`, `412`, `12.4k`, `3.1M`: at most four characters and a suffix. */
export function compact(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size >= 999_950) return `${trim(value / 1e6)}M`
  if (size >= 9_999.5) return `${trim(value / 1e3)}k`
  if (size >= 99.5 || Number.isInteger(value)) return String(Math.round(value))
  return trim(value)
}

function trim(value: number): string {
  return Math.abs(value) >= 99.95 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, '')
}

/** Milliseconds without a unit: two significant digits below 10. */
export function millis(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–'
  if (value >= 100 || value === 0) return String(Math.round(value))
  if (value >= 10) return value.toFixed(1)
  return value.toFixed(2)
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** `812 B`, `4.2 kB`, `1.3 GB`: decimal units. */
export function bytes(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–'
  let size = value
  let unit = 0
  while (size >= 999.5 && unit < BYTE_UNITS.length - 1) {
    size /= 1000
    unit++
  }
  return `${unit === 0 ? Math.round(size) : trim(size)} ${BYTE_UNITS[unit]}`
}

/** `42 s`, `3 min`, `5 h 12 min`, `2 d 4 h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** `resource_nodes`, `resourceNodes` → `resource nodes`. */
export function words(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase()
}

/** `resource_nodes` → `Resource nodes`. */
export function title(name: string): string {
  const text = words(name)
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Columns of this name hold an instant in ms since the epoch. */
const INSTANT = /(At|_at)$/

/** A column's value in a row panel. @param nowMs server time, for instants. */
export function cell(column: string, value: unknown, nowMs: number): string {
  if (value === null || value === undefined) return '–'
  if (value instanceof Date) return instant(value.getTime(), nowMs)
  if (typeof value === 'number') {
    if (INSTANT.test(column) && value > 1e11) return instant(value, nowMs)
    return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) >= 100 ? 1 : 2)
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string') return value === '' ? '“”' : value
  return JSON.stringify(value)
}

function instant(at: number, nowMs: number): string {
  const away = Math.abs(nowMs - at)
  if (away < 1000) return 'now'
  return at > nowMs ? `in ${duration(away / 1000)}` : `${duration(away / 1000)} ago`
}
