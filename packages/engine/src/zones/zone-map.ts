import { CODE_MAX, DisjointRanges, uniformPartition, type ZoneRange } from '@terrane/causality'
import { assert, TerraneError } from '@terrane/core'
import { type AddressCode, type Authority, type ZoneLayout, zoneName, zoneNumberIn } from './zone-layout.js'

/** Codes from `lo` to `hi`, both included, that one zone has authority over. */
export interface MapRange {
  readonly authority: Authority
  readonly lo: number
  readonly hi: number
  readonly zone: string
}

const AUTHORITIES: readonly Authority[] = ['spatial', 'persona']

/**
 * Which zone has authority over which codes, in one version. Immutable: a change gives the next version. Either nobody
 * has authority over places (zones of space go by name), or every place has exactly one zone; the same for players.
 */
export class ZoneMap {
  /** A world whose zones all go by name; also before anything was written. */
  static readonly none = new ZoneMap(0, [], { spatial: DisjointRanges.of([]), persona: DisjointRanges.of([]) })

  /** 0 for a map that was never written; each change is one more. */
  readonly version: number
  /** `DisjointRanges` knows zones by number: here the place in this list, from 1. */
  readonly #names: readonly string[]
  readonly #ranges: Readonly<Record<Authority, DisjointRanges>>
  readonly #zones: Readonly<Record<Authority, readonly string[]>>

  private constructor(version: number, names: readonly string[], ranges: Readonly<Record<Authority, DisjointRanges>>) {
    this.version = version
    this.#names = names
    this.#ranges = ranges
    const zonesOf = (authority: Authority) => [
      ...new Set(ranges[authority].ranges.map(({ zone }) => this.#nameOf(zone))),
    ]
    this.#zones = { spatial: zonesOf('spatial'), persona: zonesOf('persona') }
  }

  /** Throws `ranges_overlap`, or `ranges_incomplete` when a code has no zone. */
  static of(version: number, ranges: readonly MapRange[]): ZoneMap {
    const names = [...new Set(ranges.map(({ zone }) => zone))]
    const numbers = new Map(names.map((name, place) => [name, place + 1]))
    const disjoint = (authority: Authority) =>
      DisjointRanges.of(
        ranges
          .filter((range) => range.authority === authority)
          .map(({ lo, hi, zone }) => ({ lo, hi, zone: numbers.get(zone) ?? 0 })),
      )
    return checked(new ZoneMap(version, names, { spatial: disjoint('spatial'), persona: disjoint('persona') }))
  }

  /** The map that a world begins with: as many codes for each zone. */
  static initial(layout: ZoneLayout): ZoneMap {
    const counts: Readonly<Record<Authority, number>> = {
      spatial: layout.space?.count ?? 0,
      persona: layout.personaCount,
    }
    return ZoneMap.of(
      0,
      layout.authorities.flatMap((authority) => {
        const numbers = Array.from({ length: counts[authority] }, (_, i) => i + 1)
        const { ranges } = uniformPartition(numbers)
        return ranges.map(({ zone, lo, hi }) => ({ authority, lo, hi, zone: zoneName(authority, zone) }))
      }),
    )
  }

  /** All ranges, those of space first, by ascending codes. */
  get ranges(): readonly MapRange[] {
    return AUTHORITIES.flatMap((authority) =>
      this.#ranges[authority].ranges.map(({ zone, lo, hi }) => ({ authority, lo, hi, zone: this.#nameOf(zone) })),
    )
  }

  /** The zone that a code belongs to; undefined when such zones go by name. */
  zoneAt({ authority, code }: AddressCode): string | undefined {
    const range = this.#ranges[authority].authorityOf(code)
    return range && this.#nameOf(range.zone)
  }

  has(zone: string): boolean {
    return this.#names.includes(zone)
  }

  /** The zones with authority over something, in the order of their first codes. */
  zones(authority: Authority): readonly string[] {
    return this.#zones[authority]
  }

  /** A name that no zone in the map has. Those of zones that have left it are not used again either. */
  freeName(authority: Authority, known: Iterable<string>): string {
    const numbers = [...known, ...this.#names].map((zone) => zoneNumberIn(authority, zone) ?? 0)
    return zoneName(authority, Math.max(0, ...numbers) + 1)
  }

  /** Cuts the range at `code`: from there on it is `into`'s. Throws `split_at_edge`. */
  split(at: AddressCode, into: string): ZoneMap {
    const range = this.#ranges[at.authority].authorityOf(at.code)
    if (range?.lo === at.code) {
      throw new TerraneError(
        'split_at_edge',
        `code ${at.code} is the first of ${this.#described(at.authority, range)}`,
        {
          hint: 'Split behind the first code, or move the whole range.',
        },
      )
    }
    return this.#changed(at.authority, into, (ranges, zone) => ranges.split(at.code, zone))
  }

  /** Gives all that `from` has to `into`, its neighbour. Throws `not_neighbours`. */
  merge(authority: Authority, from: string, into: string): ZoneMap {
    const mine = this.ranges.filter((range) => range.authority === authority)
    const touches = mine.some(({ zone }, i) => {
      const next = mine[i + 1]?.zone
      return (zone === from && next === into) || (zone === into && next === from)
    })
    if (from === into || !touches) {
      throw new TerraneError('not_neighbours', `no range of zone ${from} touches one of zone ${into}`, {
        hint: 'Merge zones whose ranges follow each other, or move ranges one by one.',
      })
    }
    const number = this.#names.indexOf(from) + 1
    return this.#changed(authority, into, (ranges, zone) => ranges.merge(number, zone))
  }

  /** Gives codes of one zone to `into`. Throws `not_one_range`. */
  move({ authority, lo, hi }: Omit<MapRange, 'zone'>, into: string): ZoneMap {
    const there = this.#ranges[authority].rangesIn({ lo, hi })
    if (there.length !== 1) {
      const found = there.map((range) => this.#described(authority, range)).join(', ') || 'nothing'
      throw new TerraneError('not_one_range', `${lo} to ${hi} does not lie within one range: there is ${found}`, {
        hint: 'Take codes that one zone has, or several steps.',
      })
    }
    return this.#changed(authority, into, (ranges, zone) => ranges.move({ lo, hi }, zone))
  }

  #changed(authority: Authority, into: string, change: (ranges: DisjointRanges, zone: number) => DisjointRanges) {
    const names = this.has(into) ? this.#names : [...this.#names, into]
    const ranges = { ...this.#ranges, [authority]: change(this.#ranges[authority], names.indexOf(into) + 1) }
    const after = new ZoneMap(this.version + 1, names, ranges)
    return ZoneMap.of(after.version, after.ranges)
  }

  /** By name: the numbers mean something here only. */
  #described(authority: Authority, { lo, hi, zone }: ZoneRange): string {
    return `${lo} to ${hi} of the ${authority} zone ${this.#nameOf(zone)}`
  }

  #nameOf(zone: number): string {
    const name = this.#names[zone - 1]
    assert(name !== undefined, `zone ${zone} of the map has no name`)
    return name
  }
}

function checked(map: ZoneMap): ZoneMap {
  for (const authority of AUTHORITIES) {
    const ranges = map.ranges.filter((range) => range.authority === authority)
    const gap = ranges.length === 0 ? undefined : gapOf(ranges)
    if (gap === undefined) continue
    throw new TerraneError('ranges_incomplete', `no ${authority} zone has code ${gap}`, {
      hint: `The zones together must have all codes from 0 to ${CODE_MAX}.`,
    })
  }
  return map
}

/** The first code that is missing; ranges ascend and do not overlap. */
function gapOf(ranges: readonly MapRange[]): number | undefined {
  let next = 0
  for (const { lo, hi } of ranges) {
    if (lo !== next) return next
    next = hi + 1
  }
  return next > CODE_MAX ? undefined : next
}
