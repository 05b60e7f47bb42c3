import { glidePosition, glideSeconds, glideShare } from './glide.js'

/**
 * The points of one kind, as the vertex shader reads them: one record of floats per point, and a range
 * of records that the GPU does not have yet. Adding, moving and removing touch one record each and
 * allocate nothing, so 10,000 moves in a frame are a few milliseconds.
 */
export const POINT_FLOATS = 11
export const POINT_BYTES = POINT_FLOATS * 4

const FROM_X = 0
const FROM_Y = 1
const TO_X = 2
const TO_Y = 3
const START = 4
const DURATION = 5
const BORN = 6
const HEADING = 7
const COLOR = 8
const SIZE = 9
const SHAPE = 10

/** Seconds for which a new point pulses. */
export const PULSE_S = 2.4
const LONG_AGO = -1e6
/** Single-precision seconds keep a tenth of a millisecond only below some thousands. */
const REBASE_AFTER_S = 2048

const SHAPES = { disc: 0, diamond: 1, square: 2, dart: 3, ring: 4, glow: 5 } as const
export type Shape = keyof typeof SHAPES

export interface PointLook {
  /** 0xRRGGBB */
  readonly color: number
  /** Radius in CSS pixels at the map's whole view. */
  readonly size: number
  readonly shape: Shape
}

export type PointKey = string | number

export class PointSet {
  #floats: Float32Array
  #words: Uint32Array
  readonly #slots = new Map<PointKey, number>()
  readonly #keys: PointKey[] = []
  #dirtyFrom = Number.POSITIVE_INFINITY
  #dirtyTo = 0
  #busyUntilS = 0
  #grown = true
  #epochS = 0

  constructor(capacity = 256) {
    this.#floats = new Float32Array(capacity * POINT_FLOATS)
    this.#words = new Uint32Array(this.#floats.buffer)
  }

  get count(): number {
    return this.#keys.length
  }

  get floats(): Float32Array {
    return this.#floats
  }

  /** The moment that the records' times count from. */
  get epochS(): number {
    return this.#epochS
  }

  /** Until when something moves or pulses. */
  get busyUntilS(): number {
    return this.#busyUntilS
  }

  keys(): Iterable<PointKey> {
    return this.#keys
  }

  /** Adds a point, or lets it glide to a new place. @param pulse whether a new point draws attention. */
  put(key: PointKey, x: number, y: number, look: PointLook, nowS: number, pulse = false): void {
    this.#rebase(nowS)
    const now = nowS - this.#epochS
    const known = this.#slots.get(key)
    const slot = known ?? this.#append(key)
    const at = slot * POINT_FLOATS
    const floats = this.#floats
    if (known === undefined) {
      floats[at + FROM_X] = floats[at + TO_X] = x
      floats[at + FROM_Y] = floats[at + TO_Y] = y
      floats[at + START] = now
      floats[at + DURATION] = 0
      floats[at + BORN] = pulse ? now : LONG_AGO
      floats[at + HEADING] = Math.PI / 2
      if (pulse) this.#busyUntilS = Math.max(this.#busyUntilS, nowS + PULSE_S)
    } else if (floats[at + TO_X] !== Math.fround(x) || floats[at + TO_Y] !== Math.fround(y)) {
      this.#glide(at, x, y, now)
      this.#busyUntilS = Math.max(this.#busyUntilS, nowS + (floats[at + DURATION] as number))
    }
    const rgb = look.color
    this.#words[at + COLOR] = (0xff000000 | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0
    floats[at + SIZE] = look.size
    floats[at + SHAPE] = SHAPES[look.shape]
    this.#touch(slot)
  }

  #glide(at: number, x: number, y: number, now: number): void {
    const floats = this.#floats
    const start = floats[at + START] as number
    const share = glideShare(start, floats[at + DURATION] as number, now)
    const fromX = glidePosition(floats[at + FROM_X] as number, floats[at + TO_X] as number, share)
    const fromY = glidePosition(floats[at + FROM_Y] as number, floats[at + TO_Y] as number, share)
    floats[at + FROM_X] = fromX
    floats[at + FROM_Y] = fromY
    floats[at + TO_X] = x
    floats[at + TO_Y] = y
    floats[at + DURATION] = glideSeconds(now - start)
    floats[at + START] = now
    if (x !== fromX || y !== fromY) floats[at + HEADING] = Math.atan2(y - fromY, x - fromX)
  }

  delete(key: PointKey): boolean {
    const slot = this.#slots.get(key)
    if (slot === undefined) return false
    const lastSlot = this.#keys.length - 1
    const lastKey = this.#keys[lastSlot] as PointKey
    if (slot !== lastSlot) {
      this.#floats.copyWithin(slot * POINT_FLOATS, lastSlot * POINT_FLOATS, (lastSlot + 1) * POINT_FLOATS)
      this.#keys[slot] = lastKey
      this.#slots.set(lastKey, slot)
      this.#touch(slot)
    }
    this.#keys.pop()
    this.#slots.delete(key)
    return true
  }

  clear(): void {
    this.#slots.clear()
    this.#keys.length = 0
    this.#dirtyFrom = Number.POSITIVE_INFINITY
    this.#dirtyTo = 0
  }

  /** Where a point is drawn at this moment. */
  position(key: PointKey, nowS: number): { x: number; y: number } | undefined {
    const slot = this.#slots.get(key)
    return slot === undefined ? undefined : this.#positionOf(slot, nowS)
  }

  #positionOf(slot: number, nowS: number): { x: number; y: number } {
    const at = slot * POINT_FLOATS
    const floats = this.#floats
    const share = glideShare(floats[at + START] as number, floats[at + DURATION] as number, nowS - this.#epochS)
    return {
      x: glidePosition(floats[at + FROM_X] as number, floats[at + TO_X] as number, share),
      y: glidePosition(floats[at + FROM_Y] as number, floats[at + TO_Y] as number, share),
    }
  }

  /** The point that is drawn nearest to a place, within `reach`. A scan: 10,000 points take 0.1 ms. */
  nearest(x: number, y: number, reach: number, nowS: number): { key: PointKey; distance: number } | undefined {
    let best: PointKey | undefined
    let bestSquare = reach * reach
    for (let slot = 0; slot < this.#keys.length; slot++) {
      const at = slot * POINT_FLOATS
      // Where it goes is close to where it is: a cheap test before the exact one.
      const far = reach * 2 + Math.abs((this.#floats[at + TO_X] as number) - (this.#floats[at + FROM_X] as number))
      if (Math.abs((this.#floats[at + TO_X] as number) - x) > far) continue
      const point = this.#positionOf(slot, nowS)
      const square = (point.x - x) ** 2 + (point.y - y) ** 2
      if (square < bestSquare) {
        bestSquare = square
        best = this.#keys[slot]
      }
    }
    return best === undefined ? undefined : { key: best, distance: Math.sqrt(bestSquare) }
  }

  /** Visits points within a rectangle until `visit` returns false. */
  within(
    area: { left: number; right: number; bottom: number; top: number },
    nowS: number,
    visit: (key: PointKey, x: number, y: number) => boolean | undefined,
  ): void {
    for (let slot = 0; slot < this.#keys.length; slot++) {
      const { x, y } = this.#positionOf(slot, nowS)
      if (x < area.left || x > area.right || y < area.bottom || y > area.top) continue
      if (visit(this.#keys[slot] as PointKey, x, y) === false) return
    }
  }

  /** What must be uploaded since the last call: `all` after growth, else a range of records. */
  takeDirty(): 'all' | { from: number; to: number } | undefined {
    const from = this.#dirtyFrom
    const to = Math.min(this.#dirtyTo, this.count)
    this.#dirtyFrom = Number.POSITIVE_INFINITY
    this.#dirtyTo = 0
    if (this.#grown) {
      this.#grown = false
      return 'all'
    }
    return from < to ? { from, to } : undefined
  }

  /** After the GPU lost what it had. */
  markAllDirty(): void {
    this.#grown = true
  }

  #append(key: PointKey): number {
    const slot = this.#keys.length
    if ((slot + 1) * POINT_FLOATS > this.#floats.length) {
      const larger = new Float32Array(this.#floats.length * 2)
      larger.set(this.#floats)
      this.#floats = larger
      this.#words = new Uint32Array(larger.buffer)
      this.#grown = true
    }
    this.#keys.push(key)
    this.#slots.set(key, slot)
    return slot
  }

  #touch(slot: number): void {
    if (slot < this.#dirtyFrom) this.#dirtyFrom = slot
    if (slot + 1 > this.#dirtyTo) this.#dirtyTo = slot + 1
  }

  #rebase(nowS: number): void {
    if (this.count === 0) {
      this.#epochS = nowS
      return
    }
    const shift = nowS - this.#epochS
    if (shift < REBASE_AFTER_S) return
    for (let at = 0; at < this.count * POINT_FLOATS; at += POINT_FLOATS) {
      this.#floats[at + START] = (this.#floats[at + START] as number) - shift
      this.#floats[at + BORN] = Math.max(LONG_AGO, (this.#floats[at + BORN] as number) - shift)
    }
    this.#epochS = nowS
    this.#grown = true
  }
}
