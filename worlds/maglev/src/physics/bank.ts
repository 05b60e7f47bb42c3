/** How long the train takes from one tilt to the next, ticks of 50 ms. */
const SEGMENT_TICKS = 60
/** 8 degrees across the train, 3 along it, milliradians. */
const ROLL_MRAD_MAX = 140
const PITCH_MRAD_MAX = 52
/** 5/7 of gravity, for solid spheres that roll without slipping: µm per tick² and radian. */
export const ROLLING_GRAVITY = 17_518

/** What the tilted floor does to a rolling core, µm per tick²: `x` along the train, `y` across it. */
export interface Bank {
  readonly x: number
  readonly y: number
}

/**
 * How the floor banks at a tick: straight lines between tilts that the seed draws, one every three seconds. It depends
 * on nothing else, so that any process and any client can tell it for any tick.
 */
export function bankAt(seed: number, tick: number): Bank {
  const segment = Math.floor(tick / SEGMENT_TICKS)
  return {
    x: acceleration(seed, segment, tick, 0, PITCH_MRAD_MAX),
    y: acceleration(seed, segment, tick, 1, ROLL_MRAD_MAX),
  }
}

function acceleration(seed: number, segment: number, tick: number, axis: number, mradMax: number): number {
  const from = draw(seed, segment, axis, mradMax)
  const to = draw(seed, segment + 1, axis, mradMax)
  // Milliradians times SEGMENT_TICKS: divided once, at the end.
  const tilt = from * SEGMENT_TICKS + (to - from) * (tick - segment * SEGMENT_TICKS)
  return Math.trunc((ROLLING_GRAVITY * tilt) / (1_000 * SEGMENT_TICKS))
}

/** Uniform in [-max, max]: the finaliser of MurmurHash3 over seed, segment and axis. */
function draw(seed: number, segment: number, axis: number, max: number): number {
  let hash = seed ^ Math.imul(segment * 2 + axis + 1, 0x9e37_79b1)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return (((hash ^ (hash >>> 16)) >>> 0) % (2 * max + 1)) - max
}
