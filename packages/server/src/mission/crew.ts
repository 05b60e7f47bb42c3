import { type Client, connect } from '@terrane/client'
import { BotTokens } from '@terrane/client/bots'
import { inTime, Prng, systemTimers, TerraneError } from '@terrane/core'
import type maglev from '@terrane/world-maglev'
import { type CarZone, COURIER, TERMINAL } from '@terrane/world-maglev'
import {
  type CarClient,
  type Comparison,
  deviceOf,
  Passenger,
  playWith,
  Sightings,
} from '@terrane/world-maglev/mission'

export const CREW = 16
export const BOTS = 14
const OBSERVER = 'observer'

/** Longest wait for what must come: a loaded machine may be slow, and what never comes is a failure, not a wait. */
const WAIT_MS_MAX = 60_000

type Observer = Readonly<Record<CarZone, CarClient>>

/**
 * The sixteen who play, and an observer who watches both cars and comes straight to the server. What each of them is
 * shown goes into `sightings`.
 */
export class MissionCrew {
  readonly sightings = new Sightings()
  readonly observer: Observer
  readonly #seed: number
  /** Who everybody is, over all boardings. */
  readonly #tokens: BotTokens
  #passengers: readonly Passenger[] = []
  /** Ends what is waited for when the crew goes home in the middle of it. */
  #isGoingHome = false
  #stops: readonly (() => void)[] = []

  private constructor(observer: Observer, tokens: BotTokens, seed: number) {
    this.observer = observer
    this.#tokens = tokens
    this.#seed = seed
    for (const zone of [COURIER, TERMINAL]) this.#watch(OBSERVER, zone, observer[zone])
  }

  static async observe(url: string, seed: number): Promise<MissionCrew> {
    const tokens = new BotTokens()
    const remember = tokens.of(OBSERVER)
    const join = (zone: CarZone): Promise<Client<typeof maglev>> =>
      connect<typeof maglev>(url, { guest: true, remember, zone, watch: true, focus: { mode: 'all' } })
    const observer = async () => ({ 'car-1': await join(COURIER), 'car-2': await join(TERMINAL) })
    const crew = new MissionCrew(await within('the observer joins both cars', observer()), tokens, seed)
    const cars = Object.values(crew.observer)
    await crew.until('the observer sees both cars', () => cars.every((car) => phaseOf(car) !== undefined))
    return crew
  }

  /** Takes everybody aboard, the same players each time. @param urlOf the server, by number of the player */
  async board(urlOf: (index: number) => string): Promise<void> {
    for (let index = 0; index < CREW; index++) {
      const prng = new Prng(`${this.#seed}/${index}`)
      const remember = this.#tokens.of(nameOf(index))
      const boarding = Passenger.board(urlOf(index), { remember, random: () => prng.float() })
      const passenger = await within(`${nameOf(index)} boards`, boarding)
      this.#passengers = [...this.#passengers, passenger]
      if (this.#isGoingHome) {
        await this.leave()
        throw over('everybody is aboard')
      }
      for (const [zone, client] of Object.entries(passenger.cars)) {
        this.#watch(passenger.player, zone as CarZone, client)
      }
    }
  }

  get passengers(): readonly Passenger[] {
    return this.#passengers
  }

  get players(): readonly string[] {
    return this.#passengers.map(({ player }) => player)
  }

  /** Everybody plays with their device until `rest`. */
  play(): void {
    this.#stops = this.#passengers.map((passenger, index) =>
      playWith(deviceOf(index, CREW), passenger, index, new Prng(`${this.#seed}/device ${index}`)),
    )
  }

  rest(): void {
    for (const stop of this.#stops) stop()
    this.#stops = []
  }

  async leave(): Promise<void> {
    this.rest()
    await Promise.all(this.#passengers.map((passenger) => passenger.close()))
    this.#passengers = []
  }

  /** Whoever still waits for something is rejected with `mission_over`. */
  async close(): Promise<void> {
    this.#isGoingHome = true
    await this.leave()
    await Promise.all([this.observer[COURIER].close(), this.observer[TERMINAL].close()])
  }

  /** Begins a mission as soon as both cars are in the lobby, with everybody in the first. @returns its number */
  async start(seconds: number, seed: number): Promise<number> {
    const { 'car-1': courier, 'car-2': terminal } = this.observer
    const isReady = () =>
      phaseOf(courier) === 'lobby' &&
      phaseOf(terminal) === 'lobby' &&
      this.players.every((player) => courier.tables.runners.has(player))
    await this.until('everybody is in the first car for the next mission', isReady)
    const started = this.#passengers[0]?.cars[TERMINAL].inputs.start({ seconds, seed }).applied
    const mission = (await within('the terminal starts a mission', Promise.resolve(started))) as number
    await this.until('the mission begins', () => [courier, terminal].every((car) => missionOf(car) === mission))
    return mission
  }

  /** Resolves when everybody who is online has been shown the end of the mission in both cars. */
  async end(mission: number): Promise<void> {
    const clients = [...Object.values(this.observer), ...this.#passengers.flatMap((passenger) => passenger.clients)]
    const isOverForAll = () => clients.every((client) => client.status !== 'online' || isOver(client, mission))
    const leftMs = Math.max(0, this.endsAt - Date.now())
    await this.until('the mission ends for everybody', isOverForAll, leftMs + WAIT_MS_MAX)
  }

  /** When the present mission ends, ms since the Unix epoch; 0 in the lobby. */
  get endsAt(): number {
    return this.observer[TERMINAL].tables.cars.get(TERMINAL)?.endsAt ?? 0
  }

  /** Resolves after so long. */
  async pause(ms: number): Promise<void> {
    const endMs = performance.now() + ms
    await this.until('a pause ends', () => performance.now() >= endMs, ms + WAIT_MS_MAX)
  }

  /** Looks at every frame of the observer until it is so. Rejects `mission_stuck`, or `mission_over` after `close`. */
  async until(what: string, isSo: () => boolean, waitMsMax = WAIT_MS_MAX): Promise<void> {
    const ends: (() => void)[] = []
    const becoming = new Promise<void>((resolve, reject) => {
      const look = () => {
        if (this.#isGoingHome) reject(over(what))
        else if (isSo()) resolve()
      }
      // What others are shown comes with frames of their own.
      const again = setInterval(look, 20)
      ends.push(() => clearInterval(again))
      for (const client of Object.values(this.observer)) ends.push(client.on('state', look))
      look()
    })
    try {
      await within(what, becoming, waitMsMax)
    } finally {
      for (const end of ends) end()
    }
  }

  /** What everybody was shown in these missions. */
  compare(missions: readonly number[]): Comparison {
    const all = missions.map((mission) => this.sightings.compare(OBSERVER, mission))
    return {
      compared: all.reduce((sum, { compared }) => sum + compared, 0),
      differing: all.reduce((sum, { differing }) => sum + differing, 0),
    }
  }

  standing() {
    return this.sightings.standing(OBSERVER)
  }

  /** The newest tick of a car that the observer or this player was shown. */
  tickOf(zone: CarZone, player: string): number {
    const shown = [OBSERVER, player].map((viewer) => this.sightings.standOf(viewer, zone)?.tick ?? 0)
    return Math.max(...shown)
  }

  #watch(viewer: string, zone: CarZone, client: CarClient): void {
    client.on('state', () => this.sightings.saw(viewer, zone, client.tables))
  }
}

/** Rejects `mission_stuck` when it takes too long. */
function within<T>(what: string, work: Promise<T>, waitMsMax = WAIT_MS_MAX): Promise<T> {
  return inTime(systemTimers, waitMsMax, work, () => stuck(what, waitMsMax))
}

const nameOf = (index: number) => `player ${index}`

export function phaseOf(client: CarClient): string | undefined {
  return client.tables.cars.get(client.zone)?.phase
}

/** Whether this client shows the end of the mission, or what came after it. */
export function isOver(client: CarClient, mission: number): boolean {
  return missionOf(client) !== mission || phaseOf(client) !== 'running'
}

function missionOf(client: CarClient): number | undefined {
  return client.tables.cars.get(client.zone)?.mission
}

function over(what: string): TerraneError {
  return new TerraneError('mission_over', `the crew went home before it came true that ${what}`)
}

function stuck(what: string, waitMs: number): TerraneError {
  return new TerraneError('mission_stuck', `within ${waitMs / 1_000} s it did not come true that ${what}`, {
    hint: 'See whether the machine is overloaded; LOG_LEVEL=debug shows what the server says.',
  })
}
