import { SPAN } from './hilbert.js'
import type { Formation, FormationKind, Region, Universe } from './universe.js'

/** Of a region on the page, with its title. */
const TILE = 1_100
const TITLE = 60

const FORMATION_COLOURS: Readonly<Record<FormationKind, string>> = {
  bubble: '#4cc9f0',
  dead_end_bubble: '#4895ef',
  tunnel: '#f9c74f',
  dead_end: '#f8961e',
  blister: '#b5179e',
  escape_hatch: '#43aa8b',
  warp_sink: '#f94144',
  backdoor: '#e0aaff',
  lost_sector: '#adb5bd',
  lost_cluster: '#adb5bd',
  archipelago: '#adb5bd',
}

/** A picture of all regions, seen from above: SVG, clusters by colour, formations ringed, one-way warps dashed. */
export function drawUniverse({ regions }: Universe): string {
  const columns = Math.ceil(Math.sqrt(regions.length))
  const rows = Math.ceil(regions.length / columns)
  const size = `${columns * TILE} ${rows * (TILE + TITLE)}`
  const tiles = regions.map((region, index) => {
    const x = (index % columns) * TILE + (TILE - SPAN) / 2
    const y = Math.floor(index / columns) * (TILE + TITLE) + TITLE
    return `<g transform="translate(${x} ${y})">${drawRegion(region)}</g>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" font-family="sans-serif">`,
    '<rect width="100%" height="100%" fill="#0b0f1a"/>',
    ...tiles,
    '</svg>\n',
  ].join('\n')
}

function drawRegion(region: Region): string {
  const at = (sector: number) => region.sectors[sector - 1]?.position ?? [0, 0, 0]
  const title = `${region.name}: ${region.sectors.length} sectors, ${region.formations.length} formations`
  const parts = [`<text y="-20" font-size="28" fill="#dee2e6">${escapeXml(title)}</text>`]
  for (const { from, to, twoWay } of region.warps) parts.push(drawEdge(at(from), at(to), '#495057', 1, !twoWay))
  for (const { from, to, twoWay } of region.tunnels) parts.push(drawEdge(at(from), at(to), '#7b2cbf', 0.7, !twoWay))
  for (const [index, { first, last }] of region.clusters.entries()) {
    const hue = Math.round((360 * index) / region.clusters.length)
    const dots = region.sectors.slice(first - 1, last)
    const circles = dots.map(({ position: [x, y] }) => `<circle cx="${x}" cy="${y}" r="2.5"/>`)
    parts.push(`<g fill="hsl(${hue} 55% 65%)">${circles.join('')}</g>`)
  }
  for (const formation of region.formations) parts.push(drawFormation(formation, at))
  const [x, y] = at(region.capital)
  parts.push(`<circle cx="${x}" cy="${y}" r="9" fill="none" stroke="#ffffff" stroke-width="2"/>`)
  return parts.join('\n')
}

type At = (sector: number) => readonly [number, number, number]

function drawFormation(formation: Formation, at: At): string {
  const { kind, name, anchor, interior } = formation
  const rings = [anchor, ...interior].map((sector, index) => {
    const [x, y] = at(sector)
    return `<circle cx="${x}" cy="${y}" r="${index === 0 ? 7 : 5}"/>`
  })
  const title = `<title>${escapeXml(`${kind.replaceAll('_', ' ')} ${name}`)}</title>`
  return `<g fill="none" stroke="${FORMATION_COLOURS[kind]}" stroke-width="1.5">${title}${rings.join('')}</g>`
}

function drawEdge(
  [x1, y1]: readonly number[],
  [x2, y2]: readonly number[],
  colour: string,
  width: number,
  isDashed: boolean,
): string {
  const dashes = isDashed ? ' stroke-dasharray="4 3"' : ''
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}" stroke-width="${width}"${dashes}/>`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
