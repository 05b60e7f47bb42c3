import { defineWorld, type Engine } from '@terrane/engine'
import { openTestZone, type TestZone } from '@terrane/testing'
import { z } from 'zod'
import { createFrontier, type FrontierOptions } from '../frontier.js'
import { generateRegion } from '../galaxy/generate-region.js'
import type { Region } from '../galaxy/universe.js'
import type { Tables, Tx } from '../kinds.js'
import { zoneOf } from '../regions/zone-names.js'

export interface Refusal {
  readonly code: string
  readonly message: string
}

/** A frontier with zones of the test's choosing, on a store in memory, whose time the test moves. */
export class TestGalaxy {
  #main: TestZone
  readonly #arrangement: { next: (tx: Tx) => void }

  private constructor(main: TestZone, arrangement: { next: (tx: Tx) => void }) {
    this.#main = main
    this.#arrangement = arrangement
  }

  static async open(galaxy: FrontierOptions['galaxy'] = {}): Promise<TestGalaxy> {
    const frontier = createFrontier({ seed: 'galaxy', sectors: 12, galaxy })
    const arrangement = { next: (_: Tx) => {} }
    const arrange = { args: z.object({}), apply: (tx: Tx) => arrangement.next(tx) }
    const world = defineWorld({ ...frontier, commands: { ...frontier.commands, arrange } })
    return new TestGalaxy(await openTestZone(world, { limits: { idleMs: 5_000 } }), arrangement)
  }

  get engine(): Engine {
    return this.#main.engine
  }

  get now(): number {
    return this.#main.time.now()
  }

  /** What the engine has reported and that it should not. */
  get failures() {
    return this.#main.events.filter((event) => 'cause' in event)
  }

  /** In the starting zone. */
  send(player: string, input: string, args: unknown): unknown {
    return this.#main.send(player, input, args)
  }

  async tables(zone: string): Promise<Tables> {
    return (await this.#settled(this.engine.zone(zone))).tables as unknown as Tables
  }

  async command(zone: string, name: string, args: unknown = {}): Promise<unknown> {
    return this.#settled(this.engine.zone(zone).then((opened) => opened.command(name, args)))
  }

  /** What a command was refused with. */
  async refusal(zone: string, name: string, args: unknown = {}): Promise<Refusal> {
    return this.command(zone, name, args).then(
      (result) => {
        throw new Error(`${name} was not refused: ${JSON.stringify(result)}`)
      },
      ({ code, message }) => ({ code, message }),
    )
  }

  /** Changes rows directly, for what cannot be waited for. */
  arrange(zone: string, work: (tx: Tx) => void): Promise<unknown> {
    this.#arrangement.next = work
    return this.command(zone, 'arrange')
  }

  async import(region: Region): Promise<unknown> {
    return this.command(zoneOf(region), 'importRegion', { region: asFile(region) })
  }

  /** A player joins a zone and leaves again. */
  async visit(zone: string, player: string): Promise<void> {
    const opened = await this.#settled(this.engine.visit(zone))
    opened.close(opened.open(player, 'test', { onDurable: () => {}, onClosed: () => {} }))
  }

  /** One input of a player who joins for it. */
  async play(zone: string, player: string, input: string, args: unknown): Promise<unknown> {
    const opened = await this.#settled(this.engine.zone(zone))
    const stream = opened.open(player, 'test', { onDurable: () => {}, onClosed: () => {} })
    const number = this.engine.world.inputNames.indexOf(input)
    const outcome = opened.submit(stream, stream.applied + 1, number, args)
    opened.close(stream)
    return outcome
  }

  /** Lets time pass: ticks run, ops travel, idle zones are put away. */
  pass(ms: number): Promise<void> {
    return this.#main.time.advance(ms)
  }

  /** Lets time pass while no server runs: nothing happens in it. */
  async passOffline(ms: number): Promise<void> {
    const { time } = this.#main
    await this.#settled(this.engine.drain())
    await time.advance(ms)
    this.#main = await this.#main.crash()
  }

  async crash(): Promise<void> {
    this.#main = await this.#main.crash()
  }

  loaded(): string[] {
    return this.engine
      .statuses()
      .map(({ id }) => id)
      .sort()
  }

  figures(): Record<string, number> {
    return Object.fromEntries(this.engine.figures().map(({ name, zone, value }) => [`${zone} ${name}`, value]))
  }

  async #settled<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    const watched = promise.finally(() => {
      isSettled = true
    })
    watched.catch(() => {})
    await this.#main.time.until(() => isSettled)
    return watched
  }
}

/** As it comes out of a file. */
export function asFile(region: Region): Record<string, unknown> {
  return JSON.parse(JSON.stringify(region))
}

export function regionNamed(name: string, seed = name): Region {
  return generateRegion({ name, seed, sectors: 100 })
}

let nexus: Region | undefined

/** Made once: it is the same each time. */
export function centralNexus(): Region {
  nexus ??= generateRegion({ name: 'nexus', seed: 'test', sectors: 'nexus' })
  return nexus
}
