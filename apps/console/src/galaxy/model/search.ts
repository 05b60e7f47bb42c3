import { FORMATION_KINDS } from './formation-kinds.js'
import type { Galaxy } from './galaxy.js'
import { regionTitle } from './region-title.js'
import type { Target } from './target.js'

/** Something that can be found by its name. */
export interface Finding {
  readonly target: Target
  readonly label: string
  /** What it is, and where. */
  readonly detail: string
}

const FINDINGS_MAX = 12

interface Entry extends Finding {
  readonly text: string
}

/** Finds regions, clusters, formations, stations and planets by name, and sectors by region and number. */
export class GalaxySearch {
  readonly #galaxy: Galaxy
  readonly #entries: readonly Entry[]

  constructor(galaxy: Galaxy) {
    this.#galaxy = galaxy
    this.#entries = entriesOf(galaxy)
  }

  /** The best first: names that begin with the query, then names with a word that does, then the rest. */
  find(query: string): Finding[] {
    const text = normal(query)
    if (text === '') return []
    const matches = this.#entries
      .map((entry) => ({ entry, rank: rankOf(entry.text, text) }))
      .filter(({ rank }) => rank < NO_MATCH)
      .sort((a, b) => a.rank - b.rank)
    const found = matches.map(({ entry }) => entry)
    // "region 7" is a region rather than a sector 7.
    const isName = matches[0]?.rank === 0
    return (isName ? found : [...this.#sectors(text), ...found]).slice(0, FINDINGS_MAX)
  }

  /** `412`, or `region 7 412`: sectors with that number. */
  #sectors(text: string): Finding[] {
    const match = /^(?:(.*?)[\s/#:]+)?(\d+)$/.exec(text)
    const number = Number(match?.[2])
    if (match === null || !(number >= 1)) return []
    const where = match[1] ?? ''
    return this.#galaxy.regions
      .map((region) => ({ region, title: normal(regionTitle(region)) }))
      .filter(({ region, title }) => number <= region.sectors && title.includes(where))
      .sort((a, b) => Number(b.title === where) - Number(a.title === where))
      .slice(0, where === '' ? 4 : FINDINGS_MAX)
      .map(({ region }) => ({
        target: { kind: 'sector', region: region.name, number },
        label: `Sector ${number}`,
        detail: regionTitle(region),
      }))
  }
}

function entriesOf({ regions }: Galaxy): Entry[] {
  const entries: Finding[] = []
  for (const region of regions) {
    const detail = `${region.sectors.toLocaleString('en-US')} sectors`
    entries.push({ target: { kind: 'region', region: region.name }, label: regionTitle(region), detail })
  }
  for (const each of regions) {
    const { name: region, clusters, formations, chart } = each
    const where = regionTitle(each)
    for (const { name } of clusters) {
      entries.push({ target: { kind: 'cluster', region, name }, label: name, detail: `Cluster in ${where}` })
    }
    for (const { formation, kind } of formations) {
      const { name } = formation
      const detail = `${FORMATION_KINDS[kind]?.label} in ${where}`
      entries.push({ target: { kind: 'formation', region, name }, label: name, detail })
    }
    for (const { name, sector } of chart.stations) {
      const detail = `Station in ${where}, sector ${sector}`
      entries.push({ target: { kind: 'sector', region, number: sector }, label: name, detail })
    }
    for (const { name, sector } of chart.planets) {
      const detail = `Planet in ${where}, sector ${sector}`
      entries.push({ target: { kind: 'sector', region, number: sector }, label: name, detail })
    }
  }
  return entries.map((entry) => ({ ...entry, text: normal(entry.label) }))
}

const NO_MATCH = 4

function rankOf(text: string, query: string): number {
  if (text === query) return 0
  const at = text.indexOf(query)
  if (at < 0) return NO_MATCH
  if (at === 0) return 1
  return text[at - 1] === ' ' ? 2 : 3
}

function normal(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, ' ')
}
