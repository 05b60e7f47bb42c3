import { InvalidRegionError } from '../invalid-region-error.js'
import { regionFaults } from '../validity.js'
import type { Phase } from './phase.js'

/** The gate: the final graph against everything that must hold. Throws `InvalidRegionError`. */
export const validationPhase: Phase = {
  number: 13,
  name: 'validation',
  run: ({ graph, formations, parameters: { name, capital, band } }) => {
    const reasons = regionFaults({ graph, formations, capital, band })
    if (reasons.length > 0) throw new InvalidRegionError(name, reasons)
    return 'valid'
  },
}
