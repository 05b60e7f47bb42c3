import { assert } from './assert.js'

/**
 * Small fast counter generator (sfc32, PractRand-clean; Doty-Humphrey 2010): 128 bits of state, the
 * same sequence on every machine for the same seed. Not for secrets.
 */
export class Prng {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number | string) {
    const [a, b, c] = seedWords(String(seed))
    this.#a = a
    this.#b = b
    this.#c = c
    for (let round = 0; round < 12; round++) this.u32()
  }

  /** Uniform integer in [0, 2³²). */
  u32(): number {
    return this.i32() >>> 0
  }

  /** Uniform integer in [−2³¹, 2³¹). In hot loops: unlike the others it is never boxed on its way to the caller. */
  i32(): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0
    return t
  }

  /** Copies the state, so that generated code can go on from here: a, b, c and the counter. */
  copyTo(words: Int32Array): void {
    words[0] = this.#a
    words[1] = this.#b
    words[2] = this.#c
    words[3] = this.#counter
  }

  /** Uniform in [0, 1), 32 bits of it. */
  float(): number {
    return this.u32() / 0x1_0000_0000
  }

  /** Uniform integer in [0, bound). */
  below(bound: number): number {
    assert(bound > 0 && bound <= 0x1_0000_0000, `bound out of range: ${bound}`)
    return Math.floor(this.float() * bound)
  }

  /** Uniform integer in [low, high], both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.float() < probability
  }

  pick<T>(items: readonly T[]): T {
    assert(items.length > 0, 'pick from an empty list')
    return items[this.below(items.length)] as T
  }

  /** Fisher–Yates, in place. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const held = items[i] as T
      items[i] = items[j] as T
      items[j] = held
    }
    return items
  }

  /** An independent stream: what one consumer draws does not shift what another sees. */
  fork(label: string): Prng {
    return new Prng(`${this.u32()}:${this.u32()}:${label}`)
  }

  /** A 80-bit identifier, 16 characters of Crockford's base 32. */
  id(): string {
    let text = ''
    for (let i = 0; i < 16; i++) text += CROCKFORD[this.u32() & 31]
    return text
  }
}

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz'

/** Three words from a text by FNV-1a with different offsets. */
function seedWords(text: string): [number, number, number] {
  const words: [number, number, number] = [0x811c9dc5, 0x9dc5811c, 0x1234_5678]
  for (let word = 0; word < 3; word++) {
    let hash = words[word] as number
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
    words[word] = hash | 0
  }
  return words
}
