/** What a universe is generated from; the Nexus is always part of it. */
export interface UniverseSeed {
  readonly seed: string
  readonly regions: number
  /** Of each region. */
  readonly sectors: number
}

/** Universes that the page offers; the sectors of the Nexus are counted. */
export const SIZES: readonly { readonly label: string; readonly regions: number; readonly sectors: number }[] = [
  { label: 'Small: 6 regions, 8,600 sectors', regions: 6, sectors: 600 },
  { label: 'Medium: 20 regions, 21,000 sectors', regions: 20, sectors: 800 },
  { label: 'Full: 50 regions, 60,000 sectors', regions: 50, sectors: 1_100 },
]
