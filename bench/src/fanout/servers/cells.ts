import { assert, Prng } from '@terrane/core'
import type { RoomsWorkload } from '../contract.js'
import { STAMP_LENGTH, stamp } from '../stamp.js'
import { startTicker, type Ticker } from './ticker.js'

/** 5 ms apart at 20 Hz: cells change at different moments, as they do when players create them. */
const SLOTS = 10
const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const VARIANTS = 64

export function cellCount(workload: RoomsWorkload): number {
  return Math.ceil(workload.connections / workload.roomSize)
}

/** Changes each cell's state `hz` times a second. The texts are made beforehand, save for the stamp. */
export function changeCells(workload: RoomsWorkload, change: (cell: number, state: string) => void): Ticker {
  assert(workload.stateBytes > STAMP_LENGTH, 'the state has to hold a stamp')
  const random = new Prng('fanout cells')
  const fillers = Array.from({ length: VARIANTS }, () =>
    Array.from({ length: workload.stateBytes - STAMP_LENGTH }, () => ALPHABET[random.below(ALPHABET.length)]).join(''),
  )
  const cells = cellCount(workload)
  let turn = 0
  return startTicker(workload.hz, SLOTS, (slot) => {
    for (let cell = slot; cell < cells; cell += SLOTS) change(cell, stamp() + fillers[turn++ % VARIANTS])
  })
}
