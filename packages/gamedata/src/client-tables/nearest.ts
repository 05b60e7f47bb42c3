/** Of the letters of the longer name, at most so many may differ. */
const DIFFERENT_SHARE_MAX = 0.4

/** The one that a name may have been renamed to; undefined when all are too far from it. */
export function nearest<T>(
  name: string,
  candidates: readonly T[],
  nameOf: (candidate: T) => string = String,
): T | undefined {
  const wanted = letters(name)
  let best: T | undefined
  let least = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const other = letters(nameOf(candidate))
    if (other === '') continue
    const longest = Math.max(wanted.length, other.length)
    // A name that holds the other is near, however much longer it is.
    const share = other.includes(wanted) || wanted.includes(other) ? 0.5 * DIFFERENT_SHARE_MAX : 1
    const distance = Math.min(share, editDistance(wanted, other) / longest)
    if (distance <= DIFFERENT_SHARE_MAX && distance < least) {
      least = distance
      best = candidate
    }
  }
  return best
}

function letters(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** Levenshtein's: insertions, deletions and replacements that make one of the other. */
function editDistance(left: string, right: string): number {
  let above = Array.from({ length: right.length + 1 }, (_, i) => i)
  for (let i = 1; i <= left.length; i++) {
    const row = [i]
    for (let j = 1; j <= right.length; j++) {
      const replaced = (above[j - 1] as number) + (left[i - 1] === right[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, (above[j] as number) + 1, (row[j - 1] as number) + 1))
    }
    above = row
  }
  return above[right.length] as number
}
