import type { ConsoleModel } from '../app/console-model.js'
import { Store } from '../app/store.js'
import { type Key, numberIn, type Row, type RowRef, textIn } from '../world/row.js'
import { BUILD_RANGE, freePlace, HARVEST_RANGE } from './frontier-rules.js'

/** Well within range, so that the last metres of a flight do not matter. */
const NEAR_SHARE = 0.9

/** Plays a ship by hand: finds what is near, flies there first when it is out of range. */
export class Pilot {
  /** The node to which the ship flies in order to harvest. */
  readonly heading = new Store<Key | undefined>(undefined)
  readonly flyOnClick = new Store(true)
  readonly #model: ConsoleModel

  constructor(model: ConsoleModel) {
    this.#model = model
  }

  get shipRef(): RowRef | undefined {
    return this.#model.own.get()
  }

  get ship(): Row | undefined {
    return this.#model.row(this.shipRef)
  }

  fly(x: number, y: number): void {
    this.heading.set(undefined)
    this.#send('move', { x: Math.round(x), y: Math.round(y) }, `to ${Math.round(x)}, ${Math.round(y)}`)
  }

  harvest(node: Key): void {
    const row = this.#model.row({ kind: 'resourceNodes', key: node })
    const ship = this.ship
    if (row === undefined || ship === undefined) return
    if (distance(ship, row) <= HARVEST_RANGE * NEAR_SHARE) {
      this.heading.set(undefined)
      this.#send('harvest', { node }, textIn(row, 'resource'))
      return
    }
    this.fly(numberIn(row, 'x'), numberIn(row, 'y'))
    this.heading.set(node)
  }

  harvestNearest(): void {
    const ship = this.ship
    if (ship === undefined) return
    let best: Key | undefined
    let bestDistance = Number.POSITIVE_INFINITY
    for (const [key, node] of this.#model.rows('resourceNodes')) {
      if (numberIn(node, 'remaining') === 0) continue
      const away = distance(ship, node)
      if (away < bestDistance) {
        bestDistance = away
        best = key
      }
    }
    if (best !== undefined) this.harvest(best)
  }

  craft(recipe: string, count: number): void {
    this.#send('craft', { recipe, count }, count === 1 ? recipe : `${count} ${recipe}`)
  }

  build(kind: string): void {
    const ship = this.ship
    if (ship === undefined) return
    const at = { x: numberIn(ship, 'x'), y: numberIn(ship, 'y') }
    const taken: { x: number; y: number }[] = []
    for (const [, other] of this.#model.rows('structures')) {
      if (distance(ship, other) <= BUILD_RANGE * 2) taken.push({ x: numberIn(other, 'x'), y: numberIn(other, 'y') })
    }
    this.#send('build', { kind, ...(freePlace(at, taken) ?? at) }, kind)
  }

  interact(structure: Key, action: string, item?: string, amount?: number): void {
    const args = { structure, action, ...(item === undefined ? {} : { item, amount }) }
    this.#send('interact', args, item === undefined ? action : `${action} ${amount} ${item}`)
  }

  /** Harvests when the ship has come near enough. Called when it moved. */
  arrive(): void {
    const node = this.heading.get()
    const ship = this.ship
    const row = node === undefined ? undefined : this.#model.row({ kind: 'resourceNodes', key: node })
    if (node === undefined || ship === undefined || row === undefined) return
    if (distance(ship, row) <= HARVEST_RANGE * NEAR_SHARE) this.harvest(node)
  }

  #send(input: string, args: Readonly<Record<string, unknown>>, detail: string): void {
    void this.#model.send(input, args, detail)
  }
}

export function distance(a: Row, b: Row): number {
  return Math.hypot(numberIn(a, 'x') - numberIn(b, 'x'), numberIn(a, 'y') - numberIn(b, 'y'))
}

const pilots = new WeakMap<ConsoleModel, Pilot>()

/** The pilot of a page: one, wherever its controls stand. */
export function pilotOf(model: ConsoleModel): Pilot {
  let pilot = pilots.get(model)
  if (pilot === undefined) {
    pilot = new Pilot(model)
    pilots.set(model, pilot)
  }
  return pilot
}
