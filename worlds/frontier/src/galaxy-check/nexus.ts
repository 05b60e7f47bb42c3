import type { RegionFile } from './schema.js'
import type { Tell } from './tell.js'

const CLUSTERS =
  'Commerce Central Hub|Diplomatic Quarter|Industrial Complex|Prospect Belt|Drift Reaches|Outer Survey Station|' +
  'Free Trade Zone|Lodestar Reach|Quiet Quarter|Gateway Plaza|' +
  "Settlers' Rest|Transit Junction|Slag Fields|Starport Complex|Marker's Edge|The Bazaar|" +
  "Lonesome Span|Wayfarer Hollow|Merchant's Row|Frontier Gateway"

/** What holds in the Central Nexus only, and the protection that only it has. */
export function checkNexus(region: RegionFile, at: string, tell: Tell): void {
  const isNexus = region.type === 'central_nexus'
  for (const [index, sector] of region.sectors.entries()) {
    const isPlaza = isNexus && sector.number >= 2251 && sector.number <= 2500
    if (sector.protected === isPlaza) continue
    tell(`${at}.sectors[${index}]`, isPlaza ? 'is in the Gateway Plaza and not protected' : 'is protected')
  }
  if (!isNexus) return
  if (region.capital !== 2251) tell(`${at}.capital`, `is ${region.capital}; that of the Nexus is 2251`)
  if (region.clusters.map(({ name }) => name).join('|') !== CLUSTERS) {
    tell(`${at}.clusters`, 'are not the twenty of the Nexus, by name and in order')
  }
  for (const [index, { first, last }] of region.clusters.entries()) {
    if (last - first !== 249) tell(`${at}.clusters[${index}]`, `has ${last - first + 1} sectors instead of 250`)
  }
  for (const [index, { anchor, interior }] of region.formations.entries()) {
    const inPlaza = [anchor, ...interior].filter((sector) => sector >= 2251 && sector <= 2500)
    if (inPlaza.length > 0) tell(`${at}.formations[${index}]`, `takes ${inPlaza.join(', ')} of the Gateway Plaza`)
  }
}
