import { rejection } from '../state/rejection.js'
import type { CurrentMap } from './current-map.js'
import type { ZoneAddress } from './zone-address.js'
import { type Authority, authorityOf, codeOf, codeOfRow, type Placement, type ZoneLayout } from './zone-layout.js'

type Row = Readonly<Record<string, unknown>>

/** Who has authority over what, as one zone sees it. */
export class ZoneAuthority {
  /** What this zone has authority over. */
  readonly kind: Authority
  readonly #layout: ZoneLayout
  readonly #zone: string
  readonly #map: CurrentMap

  constructor(layout: ZoneLayout, zone: string, map: CurrentMap) {
    this.kind = authorityOf(layout, zone)
    this.#layout = layout
    this.#zone = zone
    this.#map = map
  }

  /** The zone that an address means now; undefined when the world has no such zones. */
  lookUp(address: ZoneAddress): string | undefined {
    if (typeof address === 'string') return address
    const at = codeOf(this.#layout, address)
    return at && this.#map.value.zoneAt(at)
  }

  /** The zone that an address means now. Throws the rejection `unknown_zone` when the world has no such zones. */
  zoneOf(address: ZoneAddress): string {
    const zone = this.lookUp(address)
    if (zone === undefined) throw rejection('unknown_zone', `the world has no zones for ${JSON.stringify(address)}`)
    return zone
  }

  /** Throws the rejection `not_the_authority` unless the row belongs in this zone. */
  require(kind: string, placed: Placement<Record<string, unknown>>, row: Row): void {
    const at = codeOfRow(this.#layout, placed, row)
    const zone = at && this.#map.value.zoneAt(at)
    if (zone === this.#zone) return
    throw rejection('not_the_authority', `this row of ${kind} is written by zone ${zone}, not by ${this.#zone}`)
  }
}
