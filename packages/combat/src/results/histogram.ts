/** Buckets of an octave; a bucket is at most this fraction of its values wide. */
const PER_OCTAVE = 1_024
const EXPONENT = 10
const WORD = 0x1_0000_0000

/** The bucket of a whole number from 0 to 2⁵³ − 1. Counts in such buckets merge by addition. */
export function bucketOf(value: number): number {
  if (value < 2 * PER_OCTAVE) return value
  const bits = value < WORD ? 31 - Math.clz32(value) : 63 - Math.clz32(Math.floor(value / WORD))
  const shift = bits - EXPONENT
  return shift * PER_OCTAVE + Math.floor(value / 2 ** shift)
}

/** The least value of a bucket. */
export function bucketFloor(bucket: number): number {
  if (bucket < 2 * PER_OCTAVE) return bucket
  const shift = Math.floor(bucket / PER_OCTAVE) - 1
  return (bucket - shift * PER_OCTAVE) * 2 ** shift
}

/** The middle of a bucket. */
export function bucketMiddle(bucket: number): number {
  return (bucketFloor(bucket) + bucketFloor(bucket + 1) - 1) / 2
}

interface Counted {
  readonly index: number
  readonly count: bigint
}

/** The bucket in which the fraction `q` of the values ends; undefined when there are none. Ascending by index. */
export function bucketAt<B extends Counted>(buckets: readonly B[], q: number): B | undefined {
  const total = buckets.reduce((sum, { count }) => sum + Number(count), 0)
  const rank = Math.max(1, Math.ceil(q * total))
  let seen = 0
  return buckets.find(({ count }) => {
    seen += Number(count)
    return seen >= rank
  })
}
