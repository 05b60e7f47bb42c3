import type { CarView } from '../players/view.js'
import type { CarZone } from '../rules.js'
import type { Comparison } from './criteria.js'

/** What a viewer was shown at one tick: mostly one state; several when inputs were published between two ticks. */
interface Shown {
  readonly states: number[]
  readonly cores: number[]
}

/** Where a viewer stands: the newest tick of a running mission that it was shown. */
interface Stand {
  readonly mission: number
  readonly tick: number
  readonly cores: number
}

/**
 * What every viewer was shown of each car at each tick of a mission, as fingerprints. Positions of one tick belong
 * together in a publication, so whoever shows a tick must show what others show at it.
 */
export class Sightings {
  /** By car, mission and tick; then by viewer. */
  readonly #shown = new Map<string, Map<string, Shown>>()
  /** By car and viewer. */
  readonly #stands: Readonly<Record<CarZone, Map<string, Stand>>> = { 'car-1': new Map(), 'car-2': new Map() }

  /** To be called whenever a viewer has applied a frame. Only running missions count: else no tick passes. */
  saw(viewer: string, zone: CarZone, view: CarView): void {
    const car = view.cars.get(zone)
    if (car?.phase !== 'running') return
    const { mission, tick } = car
    const key = keyOf(zone, mission, tick)
    let byViewer = this.#shown.get(key)
    if (byViewer === undefined) {
      byViewer = new Map()
      this.#shown.set(key, byViewer)
    }
    const cores = fingerprint([view.cores])
    const state = combine(cores, fingerprint([view.cars, view.runners, view.slots, view.drones]))
    this.#stands[zone].set(viewer, { mission, tick, cores })
    const shown = byViewer.get(viewer)
    if (shown === undefined) byViewer.set(viewer, { states: [state], cores: [cores] })
    else if (shown.states.at(-1) !== state) {
      shown.states.push(state)
      shown.cores.push(cores)
    }
  }

  /** The newest tick that a viewer was shown; undefined before the first. */
  standOf(viewer: string, zone: CarZone): { readonly mission: number; readonly tick: number } | undefined {
    return this.#stands[zone].get(viewer)
  }

  /**
   * Whether viewers were shown the same at the same tick. A state differs when none of the others at that tick shows
   * it: not the observer, or where the observer was shown nothing, nobody else.
   */
  compare(observer: string, mission: number): Comparison {
    let compared = 0
    let differing = 0
    for (const [key, byViewer] of this.#shown) {
      if (!isOf(key, mission) || byViewer.size < 2) continue
      const reference = byViewer.get(observer)
      for (const [viewer, { states }] of byViewer) {
        if (viewer === observer) continue
        const others = reference === undefined ? othersThan(byViewer, viewer) : new Set(reference.states)
        compared += states.length
        for (const state of states) if (!others.has(state)) differing++
      }
    }
    return { compared, differing }
  }

  /** Where the viewers stand now: ticks between the first and the last, and whether each has the observer's cores. */
  standing(observer: string): { readonly tickSpread: number; readonly cores: Comparison } {
    let tickSpread = 0
    let compared = 0
    let differing = 0
    for (const [zone, stands] of Object.entries(this.#stands) as [CarZone, Map<string, Stand>][]) {
      const ticks = Array.from(stands.values(), ({ tick }) => tick)
      tickSpread = Math.max(tickSpread, Math.max(...ticks) - Math.min(...ticks))
      for (const [viewer, { mission, tick, cores }] of stands) {
        if (viewer === observer) continue
        const seen = this.#shown.get(keyOf(zone, mission, tick))?.get(observer)
        // One tick ahead of the observer: its own state there is told by `compare` later.
        if (seen === undefined) continue
        compared++
        if (!seen.cores.includes(cores)) differing++
      }
    }
    return { tickSpread, cores: { compared, differing } }
  }
}

const keyOf = (zone: CarZone, mission: number, tick: number) => `${zone}/${mission}/${tick}`
const isOf = (key: string, mission: number) => key.split('/')[1] === String(mission)

function othersThan(byViewer: ReadonlyMap<string, Shown>, viewer: string): Set<number> {
  return new Set([...byViewer].flatMap(([other, { states }]) => (other === viewer ? [] : states)))
}

/** Of rows in any order. Rows are never changed, so one that was seen need not be read again. */
function fingerprint(tables: readonly { all(): Iterable<object> }[]): number {
  let sum = 0
  for (const [i, table] of tables.entries()) {
    for (const row of table.all()) sum = (sum + combine(i, ofRow(row))) % SAFE
  }
  return sum
}

const known = new WeakMap<object, number>()

function ofRow(row: object): number {
  let value = known.get(row)
  if (value === undefined) {
    value = ofText(JSON.stringify(Object.entries(row)))
    known.set(row, value)
  }
  return value
}

const SAFE = 2 ** 52

/** FNV-1a with 32 bits, twice, from different beginnings: 52 bits of it. */
function ofText(text: string): number {
  let a = 0x811c9dc5
  let b = 0x9747b28c
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 0x01000193)
    b = Math.imul(b ^ code, 0x85ebca6b)
  }
  return (a >>> 0) * 2 ** 20 + ((b >>> 0) % 2 ** 20)
}

function combine(a: number, b: number): number {
  return ofText(`${a},${b}`)
}
