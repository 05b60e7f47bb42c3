/** Samples by name and labels as Prometheus writes them: `terrane_tick_seconds_bucket{tick="ride",le="0.01"}`. */
export type Samples = ReadonlyMap<string, number>

/** A server that is well answers at once; a loaded machine may be slow. */
export const ANSWER_MS_MAX = 30_000

export async function readMetrics(url: string): Promise<Samples> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) })
  return parseMetrics(await response.text())
}

export function parseMetrics(text: string): Samples {
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    const found = /^([^#\s]+) (\S+)/.exec(line)
    if (found !== null) samples.set(found[1] as string, Number(found[2]))
  }
  return samples
}

/**
 * A quantile of a histogram between two readings, in its unit, linear within a bucket as `histogram_quantile` takes it;
 * null when nothing was counted in between.
 *
 * @param labels as they stand before `le`: `tick="ride"`
 */
export function quantileBetween(
  before: Samples,
  after: Samples,
  { name, labels, q }: { readonly name: string; readonly labels: string; readonly q: number },
): number | null {
  const head = `${name}_bucket{${labels},le="`
  const buckets = [...after]
    .filter(([key]) => key.startsWith(head))
    .map(([key, count]) => ({
      le: Number(key.slice(head.length, -2).replace('+Inf', 'Infinity')),
      count: count - (before.get(key) ?? 0),
    }))
    .sort((a, b) => a.le - b.le)
  const total = buckets.at(-1)?.count ?? 0
  if (total === 0) return null
  const rank = q * total
  let lower = { le: 0, count: 0 }
  for (const bucket of buckets) {
    if (bucket.count >= rank) {
      const share = (rank - lower.count) / (bucket.count - lower.count)
      return bucket.le === Number.POSITIVE_INFINITY ? bucket.le : lower.le + (bucket.le - lower.le) * share
    }
    lower = bucket
  }
  return null
}
