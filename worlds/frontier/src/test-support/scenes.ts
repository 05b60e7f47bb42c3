import { Prng } from '@terrane/core'
import type { StructureKind } from '../blueprints.js'
import { Mind } from '../bots/mind.js'
import { viewOf } from '../bots/view.js'
import { type Bill, contentOfBill, RESOURCES, type Resource } from '../goods.js'
import type { Player, ResourceNode, Ship, Structure } from '../kinds.js'
import { enter } from '../ledger.js'
import { sectorAt } from '../sector-lookup.js'
import { holdOf, put, stockKey } from '../stock.js'
import type { Answer, TestRegion } from './test-region.js'

/** Lets bots play for a while, two decisions a second each. */
export async function playBots(
  region: TestRegion,
  ids: readonly string[],
  minutes: number,
  each?: () => void,
): Promise<void> {
  const bots = ids.map((id) => ({ id, mind: new Mind(new Prng(`mind of ${id}`)) }))
  for (const { id } of bots) region.join(id)
  for (let step = 0; step < minutes * 120; step++) {
    for (const { id, mind } of bots) {
      const view = viewOf(region.tables, id, region.now)
      const order = view === undefined ? undefined : mind.next(view)
      if (order === undefined) continue
      const { rejected } = region.input(id, order.input, order.args)
      if (rejected !== undefined) mind.refused(rejected)
    }
    await region.pass(500)
    each?.()
  }
}

/** A player of the test, with the short cuts that a test needs. All of it goes through inputs. */
export class TestPlayer {
  readonly #region: TestRegion
  readonly id: string

  constructor(region: TestRegion, id: string) {
    this.#region = region
    this.id = id
    region.join(id)
  }

  get row(): Player {
    return this.#region.tables.players.must(this.id)
  }

  get ship(): Ship {
    return this.#region.tables.ships.must(this.row.ship)
  }

  held(item: Parameters<typeof stockKey>[1]): number {
    return this.#region.tables.inventories.get(stockKey(holdOf(this.id), item))?.amount ?? 0
  }

  send(...[name, args]: Parameters<TestRegion['input']> extends [string, ...infer R] ? R : never): Answer {
    return this.#region.input(this.id, name, args)
  }

  /** Flies somewhere and waits until it is there. */
  async fly(to: { readonly x: number; readonly y: number }): Promise<void> {
    this.send('move', { x: to.x, y: to.y })
    for (let waited = 0; this.ship.moving && waited < 600; waited++) await this.#region.pass(1_000)
  }

  /** Harvests so much of a resource, from whichever nodes have it. */
  async gather(resource: Resource, amount: number): Promise<void> {
    for (const node of this.#nodesOf(resource)) {
      if (this.held(resource) >= amount) return
      await this.fly(node)
      while (this.held(resource) < amount && node.remaining > 0) {
        const { rejected } = this.send('harvest', { node: node.id })
        if (rejected !== undefined) throw new Error(`harvest: ${rejected}`)
        await this.#region.pass(500)
      }
    }
    if (this.held(resource) < amount) throw new Error(`the region has too little ${resource}`)
  }

  /** Crafts what a structure costs and builds it; the resources must be in the hold. */
  build(kind: StructureKind, at: { readonly x: number; readonly y: number }): Structure {
    const { result, rejected } = this.send('build', { kind, x: at.x, y: at.y })
    if (rejected !== undefined) throw new Error(`build ${kind}: ${rejected}`)
    return this.#region.tables.structures.must((result as { structure: string }).structure)
  }

  #nodesOf(resource: Resource): ResourceNode[] {
    const { x, y } = this.ship
    const away = (node: ResourceNode) => (node.x - x) ** 2 + (node.y - y) ** 2
    return [...this.#region.tables.resourceNodes.all()]
      .filter((node) => node.resource === resource)
      .sort((a, b) => away(a) - away(b))
  }
}

/** Puts goods in a player's hold as if they had been harvested and crafted: the nodes and the ledger know of it. */
export function endow(region: TestRegion, id: string, bill: Bill): void {
  region.arrange(id, (tx) => {
    const content = contentOfBill(bill)
    for (const resource of RESOURCES) {
      let left = content[resource]
      for (const node of tx.resourceNodes.all()) {
        const units = node.resource === resource ? Math.min(left, node.remaining) : 0
        if (units > 0) tx.resourceNodes.update(node.id, { remaining: node.remaining - units, regrowing: true })
        left -= units
      }
      if (left > 0) throw new Error(`the region has too little ${resource}`)
    }
    enter(tx, 'harvested', content)
    put(tx, holdOf(id), bill)
  })
}

/** Puts a player's ship somewhere at once. */
export function place(region: TestRegion, id: string, { x, y }: { readonly x: number; readonly y: number }): void {
  region.arrange(id, (tx) => {
    const at = { x, y, targetX: x, targetY: y, moving: false, sector: sectorAt(tx, { x, y }) }
    tx.ships.update(tx.players.must(id).ship, at)
  })
}

/** A player with the materials for a settlement in the hold: plates, beams and coolant. */
export async function builder(region: TestRegion, id: string): Promise<TestPlayer> {
  const player = new TestPlayer(region, id)
  await player.gather('fiber', 20)
  await player.gather('ice', 8)
  await player.gather('gas', 4)
  await player.gather('ore', 90)
  for (const [recipe, count] of [
    ['beam', 10],
    ['coolant', 4],
    ['plate', 40],
  ] as const) {
    const { rejected } = player.send('craft', { recipe, count })
    if (rejected !== undefined) throw new Error(`craft ${recipe}: ${rejected}`)
  }
  return player
}
