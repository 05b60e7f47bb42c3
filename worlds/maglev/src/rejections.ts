import type { TransactionContext } from '@terrane/engine'

/** Every code with which this world refuses an input. */
export const REJECTIONS = {
  elsewhere: 'your runner is in the other car: send it there',
  not_enlisted: 'you are not in the crew: join the first car while it is in the lobby',
  crew_full: 'the crew is complete',
  not_running: 'there is no mission now',
  running: 'a mission is on already',
  not_the_terminal: 'this is done in the car with the terminal',
  stunned: 'a drone has stunned you',
  hands_full: 'you carry a core already',
  empty_handed: 'you carry nothing',
  too_far: 'that is out of reach',
  carried: 'somebody carries it',
  slot_taken: 'the slot is still reading',
  cooling_down: 'the zapper is charging',
} as const

export type Rejection = keyof typeof REJECTIONS

export function refuse(tx: TransactionContext, code: Rejection): never {
  return tx.reject(code, REJECTIONS[code])
}
