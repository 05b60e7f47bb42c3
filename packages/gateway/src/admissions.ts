import type { Duplex } from 'node:stream'
import { messageOf } from '@terrane/core'
import { type WireError, wireError } from '@terrane/protocol'
import type { Authenticator, Identity } from './authenticate.js'
import { expectedError } from './channel.js'

interface Applicant {
  readonly socket: Duplex
  readonly token: string | undefined
  /** Is called unless the socket is gone by then. */
  readonly decide: (outcome: Identity | WireError) => void
}

/**
 * Checks tokens, a few at one time. That is what paces a storm: when thousands of clients come back in the
 * same moment, each costs about half a millisecond until it has joined, and taken all at once they
 * would hold up the acks of everybody else for seconds. So a newcomer begins when an earlier one is through.
 */
export class Admissions {
  readonly #auth: Authenticator
  readonly #atOnce: number
  readonly #onBug: (error: unknown) => void
  #waiting: Applicant[] = []
  #next = 0
  #checking = 0

  constructor(auth: Authenticator, atOnce: number, onBug: (error: unknown) => void) {
    this.#auth = auth
    this.#atOnce = atOnce
    this.#onBug = onBug
  }

  /** Applicants that are not decided yet. */
  get count(): number {
    return this.#checking + this.#waiting.length - this.#next
  }

  apply(applicant: Applicant): void {
    this.#waiting.push(applicant)
    this.#begin()
  }

  #begin(): void {
    while (this.#checking < this.#atOnce && this.#next < this.#waiting.length) {
      const applicant = this.#waiting[this.#next++] as Applicant
      if (!applicant.socket.destroyed) void this.#check(applicant)
    }
    if (this.#next < this.#waiting.length) return
    this.#waiting = []
    this.#next = 0
  }

  async #check(applicant: Applicant): Promise<void> {
    this.#checking++
    let outcome: Identity | WireError
    try {
      outcome = await this.#auth.verify(applicant.token)
    } catch (thrown) {
      outcome = expectedError(thrown) ?? this.#bug(thrown)
    }
    this.#checking--
    try {
      if (!applicant.socket.destroyed) applicant.decide(outcome)
    } catch (thrown) {
      this.#onBug(thrown)
      applicant.socket.destroy()
    }
    this.#begin()
  }

  #bug(thrown: unknown): WireError {
    this.#onBug(thrown)
    return wireError('auth_unavailable', messageOf(thrown))
  }
}
