/** Whether two rows hold the same values; columns may be dates, bytes and JSON. */
export function sameRow(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  const columns = Object.keys(a)
  if (columns.length !== Object.keys(b).length) return false
  return columns.every((column) => sameValue(a[column], b[column]))
}

function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime()
  if (a instanceof Uint8Array) {
    return b instanceof Uint8Array && a.length === b.length && a.every((byte, i) => byte === b[i])
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((value, i) => sameValue(value, b[i]))
  }
  if (Array.isArray(b)) return false
  return sameRow(a as Record<string, unknown>, b as Record<string, unknown>)
}
