import type { Phase } from './phase.js'

/** What the region is made from; everything else follows from it. */
export const regionPhase: Phase = {
  number: 0,
  name: 'region',
  run: ({ parameters: { name, type, seed, sectors, capital, band, reserved } }) => {
    return { name, type, seed, sectors, capital, band: band.name, reserved: [...reserved] }
  },
}
