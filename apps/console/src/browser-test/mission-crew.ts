import { type Client, connect } from '@terrane/client'
import { type CarZone, COURIER, type Runner, TERMINAL, type default as world } from '@terrane/world-maglev'
import { Brain, type TrainView, whereIs } from '@terrane/world-maglev/players'

type CarClient = Client<typeof world>

const THINK_EVERY_MS = 50

/** A player on the train: a client for each car. */
class Member {
  readonly #cars: Readonly<Record<CarZone, CarClient>>
  #timer: ReturnType<typeof setInterval> | undefined

  private constructor(cars: Record<CarZone, CarClient>) {
    this.#cars = cars
  }

  /** As a new guest, or as whom the token says. */
  static async board(url: string, token?: string): Promise<Member> {
    let kept: string | null = token ?? null
    const remember = {
      getItem: () => kept,
      setItem: (_key: string, value: string) => {
        kept = value
      },
      removeItem: () => {},
    }
    const join = (zone: CarZone) =>
      connect<typeof world>(url, { guest: true, remember, zone, client: 'test', focus: { mode: 'all' } })
    const first = await join(COURIER)
    return new Member({ 'car-1': first, 'car-2': await join(TERMINAL) })
  }

  get player(): string {
    return this.#cars[COURIER].player
  }

  get view(): TrainView {
    return { 'car-1': this.#cars[COURIER].tables, 'car-2': this.#cars[TERMINAL].tables }
  }

  get runner(): Runner | undefined {
    return whereIs(this.view, this.player)?.runner
  }

  play(index: number): void {
    const brain = new Brain(this.player, index)
    this.#timer = setInterval(() => {
      for (const { zone, input, args } of brain.think(this.view)) {
        const { applied, durable } = this.#cars[zone].send(input, args as never)
        // What it wants may be gone when the server hears of it.
        applied.catch(() => {})
        durable.catch(() => {})
      }
    }, THINK_EVERY_MS)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(Object.values(this.#cars).map((car) => car.close()))
  }
}

/** Somebody who sees what the server says, beside the page: as a player of its own, or as that of a token. */
export function boardTrain(url: string, token?: string): Promise<Member> {
  return Member.board(url, token)
}

/** Players who play by themselves. */
export async function boardCrew(url: string, count: number): Promise<{ close(): Promise<void> }> {
  const members: Member[] = []
  for (let index = 0; index < count; index++) {
    const member = await Member.board(url)
    member.play(index)
    members.push(member)
  }
  return { close: async () => void (await Promise.all(members.map((member) => member.close()))) }
}
