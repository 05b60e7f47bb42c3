import { type Client, type ConnectOptions, connect } from '@terrane/client'
import type maglev from '../maglev.js'
import type { Order } from '../players/brain.js'
import type { TrainView } from '../players/view.js'
import { type CarZone, COURIER, TERMINAL } from '../rules.js'

export type CarClient = Client<typeof maglev>

export type BoardingOptions = Omit<ConnectOptions, 'guest' | 'token' | 'zone'> &
  Required<Pick<ConnectOptions, 'remember'>>

/** A player on the train: one client for each car, since each is a zone of its own. */
export class Passenger {
  readonly cars: Readonly<Record<CarZone, CarClient>>

  private constructor(cars: Record<CarZone, CarClient>) {
    this.cars = cars
  }

  /** As the guest whose token `remember` has, or as a new one. Rejects as `connect` does. */
  static async board(url: string, options: BoardingOptions): Promise<Passenger> {
    const join = (zone: CarZone) => connect<typeof maglev>(url, { ...options, guest: true, zone })
    // One after the other: the first makes the guest.
    const first = await join(COURIER)
    try {
      return new Passenger({ 'car-1': first, 'car-2': await join(TERMINAL) })
    } catch (error) {
      await first.close()
      throw error
    }
  }

  get player(): string {
    return this.cars[COURIER].player
  }

  get clients(): readonly CarClient[] {
    return Object.values(this.cars)
  }

  get isOnline(): boolean {
    return this.clients.every(({ status }) => status === 'online')
  }

  /** It has ended for good: connect anew. */
  get isClosed(): boolean {
    return this.clients.some(({ status }) => status === 'closed')
  }

  get view(): TrainView {
    return { 'car-1': this.cars[COURIER].tables, 'car-2': this.cars[TERMINAL].tables }
  }

  /** Sends what can be sent now; whoever plays decides anew in a moment. */
  send({ zone, input, args }: Order): void {
    const car = this.cars[zone]
    if (car.status === 'online' && car.room > 0) car.send(input, args as never)
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()))
  }
}
