import type { Prng } from '@terrane/core'
import type { Limb } from '../kinds.js'
import { Brain } from '../players/brain.js'
import { whereIs } from '../players/view.js'
import { STICK_MAX, TICKS_PER_SECOND } from '../rules.js'
import { beat } from './beat.js'
import type { Passenger } from './passenger.js'

/** What somebody plays with: a bot sends what it decides, the others stream what a device would. */
export type Device = 'bot' | 'gamepad' | 'headset'

/** Crew members of a mission by their number: mostly bots, one with a gamepad and one with a headset. */
export function deviceOf(index: number, crew: number): Device {
  if (index === crew - 2) return 'gamepad'
  return index === crew - 1 ? 'headset' : 'bot'
}

const GAMEPAD_HZ = 60
const HEADSET_HZ = 90

/** Plays for a passenger until what comes back is called. */
export function playWith(device: Device, passenger: Passenger, index: number, prng: Prng): () => void {
  const brain = new Brain(passenger.player, index)
  switch (device) {
    case 'bot':
      return decide(passenger, brain)
    case 'gamepad':
      return playWithGamepad(passenger, brain, prng)
    case 'headset':
      return playWithHeadset(passenger, brain, prng)
  }
}

/** Decides as often as the world moves. @param steer takes the stick instead of its being sent */
function decide(passenger: Passenger, brain: Brain, steer?: (x: number, y: number) => void): () => void {
  return beat(TICKS_PER_SECOND, () => {
    if (!passenger.isOnline) return
    for (const order of brain.think(passenger.view)) {
      if (steer !== undefined && order.input === 'stick') steer(order.args.x, order.args.y)
      else passenger.send(order)
    }
  })
}

/** How much of the way to where the thumb wants to be the stick makes in a frame, and how much it trembles. */
const STICK_SHARE = 0.3
const TREMBLE = 40

/** An analogue stick, read 60 times a second: it moves smoothly, and is never quite still while it is pushed. */
function playWithGamepad(passenger: Passenger, brain: Brain, prng: Prng): () => void {
  let wanted = { x: 0, y: 0 }
  let stick = { x: 0, y: 0 }
  const move = (from: number, to: number) => {
    if (to === 0 && Math.abs(from) < TREMBLE) return 0
    const next = from + (to - from) * STICK_SHARE + prng.between(-TREMBLE, TREMBLE)
    return Math.round(Math.min(STICK_MAX, Math.max(-STICK_MAX, next)))
  }
  const endStream = beat(GAMEPAD_HZ, () => {
    const place = whereIs(passenger.view, passenger.player)
    if (place === undefined) return
    stick = { x: move(stick.x, wanted.x), y: move(stick.y, wanted.y) }
    passenger.send({ zone: place.zone, input: 'stick', args: stick })
  })
  const endDecisions = decide(passenger, brain, (x, y) => {
    wanted = { x, y }
  })
  return () => {
    endStream()
    endDecisions()
  }
}

/** Head and hands, tracked 90 times a second, and the same decisions as everybody's. */
function playWithHeadset(passenger: Passenger, brain: Brain, prng: Prng): () => void {
  let seq = 0
  const endStream = beat(HEADSET_HZ, () => {
    const { view, player } = passenger
    const place = whereIs(view, player)
    if (place === undefined) return
    const client = passenger.cars[place.zone]
    if (client.status !== 'online' || client.room === 0) return
    // A device that was there before has counted on.
    seq = Math.max(seq, client.tables.poses.get(player)?.seq ?? 0) + 1
    client.inputs.pose({ seq, limbs: limbsAt(seq / HEADSET_HZ, prng) })
  })
  const endDecisions = decide(passenger, brain)
  return () => {
    endStream()
    endDecisions()
  }
}

/** mm of tracking noise. */
const JITTER = 2

/** Somebody who walks: the head nods, the arms swing. @param seconds since the device was switched on */
function limbsAt(seconds: number, prng: Prng): [SentLimb, SentLimb, SentLimb] {
  const swing = Math.sin(seconds * 2 * Math.PI * 0.9)
  const limb = (x: number, y: number, z: number, pitch: number): SentLimb => {
    const at = (mm: number) => Math.round(mm) + prng.between(-JITTER, JITTER)
    // A turn around the x axis.
    return [
      at(x),
      at(y),
      at(z),
      Math.round(Math.sin(pitch / 2) * 10_000),
      0,
      0,
      Math.round(Math.cos(pitch / 2) * 10_000),
    ]
  }
  return [
    limb(0, 0, 1_650 + 20 * Math.abs(swing), 0.05 * swing),
    limb(-250, 200 * swing, 1_000, 0.5 * swing),
    limb(250, -200 * swing, 1_000, -0.5 * swing),
  ]
}

type Writable<T> = { -readonly [I in keyof T]: T[I] }
/** As an input takes it. */
type SentLimb = Writable<Limb>
