import { assert, Prng } from '@terrane/core'

const ONSETS = ['b', 'br', 'c', 'd', 'dr', 'f', 'g', 'h', 'k', 'l', 'm', 'n', 'p', 'r', 's', 'st', 't', 'th', 'v', 'z']
const VOWELS = ['a', 'a', 'e', 'e', 'i', 'o', 'o', 'u', 'ae', 'ia']
const CODAS = ['', '', '', 'n', 'r', 'l', 's', 'x', 'nd', 'th']
const CLUSTER_FORMS = ['Reach', 'Drift', 'Span', 'Hollow', 'Veil', 'Crown', 'Shoals', 'Marches', 'Expanse', 'Rest']
const SHIP_FIRST = ['Quiet', 'Patient', 'Amber', 'Second', 'Long', 'Bright', 'Distant', 'Wandering', 'Silver', 'Lucky']
const SHIP_LAST = [
  'Comet',
  'Heron',
  'Lantern',
  'Errand',
  'Horizon',
  'Sparrow',
  'Harvest',
  'Compass',
  'Meridian',
  'Ember',
]
/** A name is lengthened after this many tries that were all taken. */
const TRIES_MAX = 50

/** Draws names that were not drawn before. */
export class Namer {
  readonly #prng: Prng
  readonly #taken = new Set<string>()

  constructor(prng: Prng) {
    this.#prng = prng
  }

  sector(): string {
    return this.#unique((length) => word(this.#prng, length))
  }

  cluster(): string {
    return this.#unique((length) => `${word(this.#prng, length)} ${this.#prng.pick(CLUSTER_FORMS)}`)
  }

  #unique(draw: (syllables: number) => string): string {
    for (let tries = 0; tries < TRIES_MAX * 4; tries++) {
      const name = draw(2 + Math.floor(tries / TRIES_MAX))
      if (this.#taken.has(name)) continue
      this.#taken.add(name)
      return name
    }
    assert(false, 'ran out of names')
  }
}

/** The names of a player without one and of their ship: the same whenever they come back. */
export function namesOfPlayer(player: string): { captain: string; ship: string } {
  const prng = new Prng(`names of ${player}`)
  return {
    captain: `${word(prng, 2)} ${word(prng, 2)}`,
    ship: `${prng.pick(SHIP_FIRST)} ${prng.pick(SHIP_LAST)} ${prng.between(2, 999)}`,
  }
}

function word(prng: Prng, syllables: number): string {
  let text = ''
  for (let i = 0; i < syllables; i++) text += prng.pick(ONSETS) + prng.pick(VOWELS)
  text += prng.pick(CODAS)
  return text.charAt(0).toUpperCase() + text.slice(1)
}
