import { TerraneError } from '@terrane/core'

/** No valid region came of the seed. Nothing of it is delivered. */
export class InvalidRegionError extends TerraneError {
  /** Everything that is wrong, at once. */
  readonly reasons: readonly string[]

  constructor(region: string, reasons: readonly string[]) {
    super('galaxy_region_invalid', `no valid region came of the seed of ${region}:\n${reasons.join('\n')}`, {
      hint: 'take another seed or another number of sectors; the same seed would fail again',
    })
    this.name = 'InvalidRegionError'
    this.reasons = reasons
  }
}
