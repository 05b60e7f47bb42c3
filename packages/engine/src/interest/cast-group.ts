import { assert } from '@terrane/core'
import type { StateCast, StateFrame } from '../zone/zone-session.js'

interface Member {
  /** Kept by the group. */
  place: number
}

/** Those who see one cell, all of it and nothing else, and can be reached by the same cast. */
export class CastGroup<M extends Member> {
  readonly cast: StateCast
  readonly #lanes: number[] = []
  readonly #members: M[] = []

  constructor(cast: StateCast) {
    this.cast = cast
  }

  get size(): number {
    return this.#members.length
  }

  add(member: M, lane: number): void {
    member.place = this.#members.length
    this.#members.push(member)
    this.#lanes.push(lane)
  }

  remove(member: M): void {
    const { place } = member
    assert(this.#members[place] === member, 'a group lacks a member that it should have')
    const last = this.#members.pop() as M
    const lane = this.#lanes.pop() as number
    member.place = -1
    if (last === member) return
    last.place = place
    this.#members[place] = last
    this.#lanes[place] = lane
  }

  /** Returns the members that the frame has not reached. */
  deliver(frame: StateFrame): readonly M[] {
    return this.cast.cast(frame, this.#lanes).map((place) => this.#members[place] as M)
  }
}
