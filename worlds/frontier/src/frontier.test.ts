import { Prng } from '@terrane/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { STRUCTURE_KINDS, type StructureKind } from './blueprints.js'
import { Mind } from './bots/mind.js'
import { viewOf } from './bots/view.js'
import { HULL_MAX, MOOR_AFTER_MS, MOOR_EVERY_MS } from './bounds.js'
import { shipOf, speedFor } from './crew.js'
import { ITEMS, type Item, massOfBill } from './goods.js'
import { ACTIONS } from './inputs/interact.js'
import { RECIPE_NAMES } from './recipes.js'
import { holdOf, roomIn } from './stock.js'
import { endow, place } from './test-support/scenes.js'
import { type InputName, TestRegion } from './test-support/test-region.js'

const PLAYERS = ['ada', 'bob', 'cyd']

/** What may happen, sensible or not. Large numbers select among what is there. */
type Deed =
  | { readonly kind: 'send'; readonly player: number; readonly input: InputName; readonly args: object }
  /** Builds some way from the ship. */
  | {
      readonly kind: 'build'
      readonly player: number
      readonly structure: StructureKind
      readonly dx: number
      readonly dy: number
    }
  | { readonly kind: 'harvest'; readonly player: number; readonly node: number; readonly times: number }
  /** Goes to a structure, often to one of their own for which the action makes sense, and interacts with it. */
  | {
      readonly kind: 'touch'
      readonly player: number
      readonly structure: number
      readonly own: boolean
      readonly args: object
    }
  | { readonly kind: 'find'; readonly player: number; readonly item: Item; readonly amount: number }
  | {
      readonly kind: 'wear'
      readonly structure: number
      readonly hp: number
      readonly player: number
      readonly hull: number
    }
  | { readonly kind: 'play'; readonly player: number; readonly steps: number }
  | { readonly kind: 'wait'; readonly ms: number }
  /** Not heard of for long enough to be moored. */
  | { readonly kind: 'doze'; readonly player: number }
  | { readonly kind: 'crash' }

const player = fc.integer({ min: 0, max: PLAYERS.length - 1 })
const anywhere = fc.integer({ min: -1_000, max: 61_000 })
const aside = fc.integer({ min: -650, max: 650 })
const count = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 60 }))
const item = fc.constantFrom(...ITEMS)
const of = <K extends string>(kind: K) => fc.constant(kind)
const send = (input: InputName, args: fc.Arbitrary<object>) =>
  fc.record({ kind: of('send'), player, input: of(input), args })

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 2, arbitrary: send('move', fc.record({ x: anywhere, y: anywhere })) },
  { weight: 6, arbitrary: send('craft', fc.record({ recipe: fc.constantFrom(...RECIPE_NAMES), count })) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: of('build'),
      player,
      structure: fc.constantFrom(...STRUCTURE_KINDS, 'foundation' as const, 'storage' as const, 'refinery' as const),
      dx: aside,
      dy: aside,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: of('harvest'), player, node: fc.nat(), times: fc.integer({ min: 1, max: 40 }) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: of('touch'),
      player,
      structure: fc.nat(),
      own: fc.boolean(),
      args: fc.record({ action: fc.constantFrom(...ACTIONS), item, amount: count }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: of('find'), player, item, amount: count }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: of('wear'),
      structure: fc.nat(),
      hp: fc.integer({ min: 1, max: 100 }),
      player,
      hull: fc.integer({ min: 1, max: HULL_MAX }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: of('play'), player, steps: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: of('wait'), ms: fc.integer({ min: 0, max: 30_000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: of('doze'), player }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
)

test('whatever several players do, in whatever order, every invariant holds after each of it', async () => {
  await playOut({ numRuns: 15 })
})

test('the deeds of that test are not all refused: with this seed everything that can be done is done', async () => {
  const accepted = await playOut({ numRuns: 25, seed: 7 })
  const expected = ['move', 'harvest', ...RECIPE_NAMES, ...STRUCTURE_KINDS, ...ACTIONS]
  expect(expected.filter((what) => !accepted.has(what))).toEqual([])
})

/** Returns what was accepted, and how often. */
async function playOut(options: fc.Parameters<[Deed[]]>): Promise<Map<string, number>> {
  const accepted = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 30, maxLength: 120, size: 'max' }), async (deeds) => {
      const region = await TestRegion.open('deeds', 10)
      for (const id of PLAYERS) settle(region, id)
      const minds = PLAYERS.map((id) => new Mind(new Prng(id)))
      for (const each of deeds) {
        await perform({ region, minds, accepted }, each)
        expect(region.problems()).toEqual([])
      }
    }),
    options,
  )
  return accepted
}

type Action = (typeof ACTIONS)[number]

/** The only kind of structure for which an action makes sense. */
const FITS: Partial<Record<Action, StructureKind>> = { deposit: 'storage', withdraw: 'storage', overhaul: 'refinery' }

/** A beginning, so that there is something to do from the first deed on. */
function settle(region: TestRegion, id: string): void {
  endow(region, id, { plate: 30, beam: 12, coolant: 6, alloy: 6, fuel: 6, ore: 10, ice: 10, gas: 10, fiber: 10 })
  const { x, y } = shipOf(region.tables, id) ?? { x: 0, y: 0 }
  for (const [index, kind] of (['foundation', 'storage', 'refinery'] as const).entries()) {
    // May be refused: two players may start close to each other.
    region.input(id, 'build', { kind, x: x + index * 100, y })
  }
  const storage = [...region.tables.structures.all()].find(({ kind, owner }) => kind === 'storage' && owner === id)
  if (storage === undefined) return
  for (const item of ITEMS) region.input(id, 'interact', { structure: storage.id, action: 'deposit', item, amount: 3 })
}

interface Play {
  readonly region: TestRegion
  readonly minds: readonly Mind[]
  /** What was accepted, and how often. */
  readonly accepted: Map<string, number>
}

async function perform(play: Play, each: Deed): Promise<void> {
  const { region, accepted } = play
  if (each.kind === 'wait') return region.pass(each.ms)
  if (each.kind === 'crash') return recover(region)
  const id = PLAYERS[each.player] as string
  const attempt = (input: InputName, args: object) => {
    const { rejected } = region.input(id, input, args)
    const { kind, recipe, action } = args as { kind?: string; recipe?: string; action?: string }
    const what = action ?? recipe ?? (input === 'build' && kind !== undefined ? kind : input)
    if (rejected === undefined) accepted.set(what, (accepted.get(what) ?? 0) + 1)
  }
  switch (each.kind) {
    case 'send':
      return attempt(each.input, each.args)
    case 'build': {
      const ship = shipOf(region.tables, id)
      if (ship !== undefined) attempt('build', { kind: each.structure, x: ship.x + each.dx, y: ship.y + each.dy })
      return
    }
    case 'harvest': {
      const node = region.tables.resourceNodes.must((each.node % region.tables.resourceNodes.count) + 1)
      region.join(id)
      attempt('move', { x: node.x, y: node.y })
      place(region, id, node)
      for (let i = 0; i < each.times; i++) {
        attempt('harvest', { node: node.id })
        await region.pass(200)
      }
      return
    }
    case 'touch': {
      const fit = FITS[(each.args as { action: Action }).action]
      const structures = [...region.tables.structures.all()].filter(
        ({ owner, kind }) => !each.own || (owner === id && (fit === undefined || fit === kind)),
      )
      const structure = structures[each.structure % Math.max(1, structures.length)]
      if (structure === undefined) return
      attempt('move', { x: structure.x, y: structure.y })
      place(region, id, structure)
      return attempt('interact', { structure: structure.id, ...each.args })
    }
    case 'find': {
      const bill = { [each.item]: each.amount }
      if (roomIn(region.tables, holdOf(id)) >= massOfBill(bill)) endow(region, id, bill)
      return
    }
    case 'wear':
      region.arrange(id, (tx) => {
        const structures = [...tx.structures.all()]
        const structure = structures[each.structure % Math.max(1, structures.length)]
        if (structure !== undefined) tx.structures.update(structure.id, { hp: Math.min(structure.hp, each.hp) })
        const ship = shipOf(tx, id)
        if (ship !== undefined) tx.ships.update(ship.id, { hull: each.hull, speed: speedFor(each.hull) })
      })
      return
    case 'doze':
      region.arrange(id, (tx) => tx.players.update(id, { seenAt: tx.now - MOOR_AFTER_MS }))
      return region.pass(MOOR_EVERY_MS)
    case 'play':
      return letPlay(region, id, play.minds[each.player] as Mind, each.steps)
  }
}

/** What is durable is all there is, and it comes back as it was. */
async function recover(region: TestRegion): Promise<void> {
  await region.durable()
  const before = region.rows()
  await region.crash()
  expect(region.rows()).toEqual(before)
}

/** A bot takes over for a while: what it does makes sense. */
async function letPlay(region: TestRegion, id: string, mind: Mind, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) {
    const view = viewOf(region.tables, id, region.now)
    const order = view === undefined ? undefined : mind.next(view)
    if (order !== undefined) {
      const { rejected } = region.input(id, order.input, order.args)
      if (rejected !== undefined) mind.refused(rejected)
    }
    await region.pass(500)
  }
}
