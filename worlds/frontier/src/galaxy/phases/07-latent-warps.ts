import type { Phase } from './phase.js'

/** Share of the one-way warps. */
const LATENT_SHARE = 0.2

/** Makes some one-way warps look two-way until they are scanned. */
export const latentWarpsPhase: Phase = {
  number: 7,
  name: 'latent warps',
  run: (draft) => {
    const prng = draft.random('latent warps')
    for (const { from, to, twoWay } of draft.warps()) {
      if (!twoWay && prng.chance(LATENT_SHARE)) draft.graph.hide(from, to)
    }
    return draft.warps().filter(({ latent }) => latent)
  },
}
