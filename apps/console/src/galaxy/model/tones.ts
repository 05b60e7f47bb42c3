import type { Band, ClusterType } from '@terrane/world-frontier/galaxy'

/** Hue, saturation and lightness, degrees and percent. */
type Hsl = readonly [hue: number, saturation: number, lightness: number]

export const CLUSTER_LOOKS: readonly { readonly type: ClusterType; readonly label: string; readonly color: Hsl }[] = [
  { type: 'standard', label: 'Standard', color: [214, 32, 66] },
  { type: 'population_center', label: 'Population centre', color: [158, 58, 58] },
  { type: 'trade_hub', label: 'Trade hub', color: [205, 88, 64] },
  { type: 'resource_rich', label: 'Resource-rich', color: [42, 84, 62] },
  { type: 'military_zone', label: 'Military zone', color: [2, 74, 65] },
  { type: 'frontier_outpost', label: 'Frontier outpost', color: [22, 80, 62] },
  { type: 'contested', label: 'Contested', color: [326, 66, 66] },
  { type: 'special_interest', label: 'Special interest', color: [264, 72, 72] },
]

export const BAND_LOOKS: readonly { readonly band: Band; readonly label: string; readonly color: Hsl }[] = [
  { band: 'federation', label: 'Federation', color: [196, 82, 62] },
  { band: 'border', label: 'Border', color: [44, 88, 62] },
  { band: 'frontier', label: 'Frontier', color: [8, 82, 64] },
  { band: 'expanse', label: 'Expanse', color: [258, 64, 72] },
]

/** Clusters of one type that lie side by side differ a little. */
const VARIANTS: readonly (readonly [hue: number, lightness: number])[] = [
  [0, 0],
  [9, -9],
  [-9, 6],
  [4, 11],
]

/** Colours by tone: those of clusters, then those of bands. */
export const TONES: readonly string[] = [
  ...CLUSTER_LOOKS.flatMap(({ color: [h, s, l] }) => VARIANTS.map(([hue, light]) => css([h + hue, s, l + light]))),
  ...BAND_LOOKS.map(({ color }) => css(color)),
]

export function clusterTone(type: ClusterType, index: number): number {
  const look = Math.max(
    0,
    CLUSTER_LOOKS.findIndex((each) => each.type === type),
  )
  return look * VARIANTS.length + (index % VARIANTS.length)
}

export function bandTone(band: Band): number {
  const look = Math.max(
    0,
    BAND_LOOKS.findIndex((each) => each.band === band),
  )
  return CLUSTER_LOOKS.length * VARIANTS.length + look
}

export function css([hue, saturation, lightness]: Hsl): string {
  return `hsl(${(hue + 360) % 360} ${saturation}% ${lightness}%)`
}
