/**
 * Dates as SQL wants them. `Date.toISOString` will not do outside the years 0 to 9999: it writes
 * `+012345` and `-000001`, where PostgreSQL writes `12345` and `0002 … BC`.
 */
export function timestampText(ms: number): string {
  const iso = new Date(ms).toISOString()
  if (iso.length === 24 && !iso.startsWith('0000')) return `${iso.slice(0, 10)} ${iso.slice(11, 23)}+00`
  const date = new Date(ms)
  const year = date.getUTCFullYear()
  const rest = iso.slice(iso.indexOf('-', 1))
  const text = `${String(year > 0 ? year : 1 - year).padStart(4, '0')}${rest.slice(0, 6)} ${rest.slice(7, 19)}+00`
  return year > 0 ? text : `${text} BC`
}
