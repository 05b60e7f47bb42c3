import { describe, expect, it } from 'vitest'
import { CODE_MAX } from './hilbert.js'
import { murmur3, personaCode } from './persona.js'
import { uniformPartition } from './uniform-partition.js'

describe('persona codes', () => {
  it.each([
    ['', 0],
    ['hello', 0x248bfa47],
    ['hello, world', 0x149bbb7f],
    ['19 Jan 2038 at 3:14:07 AM', 0xe31e8a70],
    ['The quick brown fox jumps over the lazy dog.', 0xd5c48bfc],
  ])('come from MurmurHash3_x86_32: %j', (text, hash) => {
    expect(murmur3(new TextEncoder().encode(text))).toBe(hash)
    expect(personaCode(text)).toBe(Math.floor(hash / 4))
  })

  it('hash bytes wherever they lie in their buffer', () => {
    const bytes = new TextEncoder().encode('xxhello, world')
    expect(murmur3(bytes.subarray(2))).toBe(0x149bbb7f)
  })

  it('spread numbered players evenly over persona zones', () => {
    const partition = uniformPartition([0, 1, 2, 3, 4, 5, 6, 7])
    const players = [0, 0, 0, 0, 0, 0, 0, 0]
    for (let i = 0; i < 8000; i++) {
      const code = personaCode(`player-${i}`)
      expect(code >= 0 && code <= CODE_MAX && Number.isInteger(code)).toBe(true)
      const zone = partition.authorityOf(code)?.zone as number
      players[zone] = (players[zone] as number) + 1
    }
    // Six standard deviations of the binomial distribution.
    for (const count of players) expect(Math.abs(count - 1000)).toBeLessThan(6 * Math.sqrt(8000 * (1 / 8) * (7 / 8)))
  })
})
