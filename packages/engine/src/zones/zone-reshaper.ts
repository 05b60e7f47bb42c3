// Changes of the zone map while the zones are played in: codes, and the rows that have them, go from one zone to another.
//
//   hold both ─► all that they have is durable ─► rows out of the one, into the other, in memory
//     ─► one transaction: the batch of each, and the next version of the map ─► release both
//
// Both zones are this process's, so nobody else writes them meanwhile, and whoever thinks otherwise is fenced by the
// batches. Ops that are on their way to the zone that has the rows no more are passed on by it (`ZoneOps`).
import { CODE_MAX } from '@terrane/causality'
import { backoffMs, type Prng, sleep, TerraneError, type Timers } from '@terrane/core'
import { type LogAppend, type Store, TransientStoreError, UncertainStoreError } from '../ports/store.js'
import type { KindTable } from '../state/kind-table.js'
import { Rejection } from '../state/rejection.js'
import type { Zone } from '../zone/zone.js'
import type { CurrentMap } from './current-map.js'
import { type AddressCode, codeOfRow, type ZoneLayout } from './zone-layout.js'
import type { MapRange, ZoneMap } from './zone-map.js'

export interface ZoneReshaperOptions {
  readonly layout: ZoneLayout
  readonly map: CurrentMap
  readonly store: Store
  readonly timers: Timers
  readonly random: Prng
  /** Opens a zone in this process. One that is to get its first rows is not filled by the world. */
  readonly open: (zone: string, isForRows: boolean) => Promise<Zone>
  /** The names of all zones that there have ever been. */
  readonly names: () => Promise<Iterable<string>>
}

/** What a change did. */
export interface Reshaped {
  readonly version: number
  readonly from: string
  readonly into: string
  /** Rows that went. */
  readonly rows: number
}

/** How often a write that met a passing failure is tried again; then the zones are loaded anew. */
const WRITE_ATTEMPTS_MAX = 8

type Row = Readonly<Record<string, unknown>>

export class ZoneReshaper {
  readonly #options: ZoneReshaperOptions
  /** Changes take turns. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: ZoneReshaperOptions) {
    this.#options = options
  }

  /** Resolves when no change is under way. */
  async rest(): Promise<void> {
    await this.#last
  }

  /**
   * Gives the upper part of a zone's codes to a new zone.
   * @param code the first that goes; default: half of the rows go
   */
  split(zone: string, code?: number): Promise<Reshaped> {
    return this.#inTurn(async () => {
      const { map, open, names } = this.#options
      const range = this.#largestRange(zone)
      const { authority } = range
      if (code !== undefined) checkCodes(code, code)
      const at = { authority, code: code ?? this.#middle(await open(zone, false), range) }
      if (map.value.zoneAt(at) !== zone) {
        throw new TerraneError('not_the_authority', `code ${at.code} is not zone ${zone}'s`, {
          hint: `It has ${range.lo} to ${range.hi}.`,
        })
      }
      const into = map.value.freeName(authority, await names())
      return this.#change(map.value.split(at, into), zone, into)
    })
  }

  /** Gives all codes of a zone to a neighbour. */
  merge(zone: string, into: string): Promise<Reshaped> {
    return this.#inTurn(() => {
      const { authority } = this.#largestRange(zone)
      return this.#change(this.#options.map.value.merge(authority, zone, into), zone, into)
    })
  }

  /** Gives codes of one zone to another that is in the map. */
  move(range: Omit<MapRange, 'zone'>, into: string): Promise<Reshaped> {
    return this.#inTurn(() => {
      const { map } = this.#options
      checkCodes(range.lo, range.hi)
      const from = map.value.zoneAt({ authority: range.authority, code: range.lo })
      if (from === undefined || this.#largestRange(into).authority !== range.authority) throw notInMap(into)
      if (from === into) {
        throw new TerraneError('own_codes', `zone ${into} has these codes already`, { hint: 'Name another zone.' })
      }
      return this.#change(map.value.move(range, into), from, into)
    })
  }

  #inTurn(work: () => Promise<Reshaped>): Promise<Reshaped> {
    const result = this.#last.then(async () => {
      await this.#options.map.refresh()
      return work()
    })
    this.#last = result.catch(() => {})
    return result
  }

  #largestRange(zone: string): MapRange {
    const ranges = this.#options.map.value.ranges.filter((range) => range.zone === zone)
    const [largest] = ranges.sort((a, b) => b.hi - b.lo - (a.hi - a.lo))
    if (largest === undefined) throw notInMap(zone)
    return largest
  }

  /** The code with as many rows of the range before it as from it on; the middle of the range where that does not cut it. */
  #middle(zone: Zone, { lo, hi }: MapRange): number {
    const codes = rowsOf(zone, this.#options.layout)
      .map(({ at }) => at.code)
      .filter((code) => lo <= code && code <= hi)
      .sort((a, b) => a - b)
    const median = codes[codes.length >> 1] ?? lo
    return median > lo ? median : lo + Math.ceil((hi - lo) / 2)
  }

  async #change(next: ZoneMap, from: string, into: string): Promise<Reshaped> {
    const { open, map, layout } = this.#options
    const [source, target] = [await open(from, false), await open(into, !map.value.has(into))]
    try {
      await source.hold()
      await target.hold()
      // A zone that leaves the map keeps nothing: what stands beyond its borders is handed over by its heir.
      const keeps = next.has(from)
      const leaving = rowsOf(source, layout).filter(({ at }) => !keeps || next.zoneAt(at) === into)
      const came = admitted(target, leaving)
      const went = dismissed(source, leaving, target)
      await this.#write(next, [
        [source, went],
        [target, came],
      ])
      return { version: next.version, from, into, rows: leaving.length }
    } finally {
      source.release()
      target.release()
    }
  }

  /** Writes both batches and the map. What is in memory, and may not have been written, is dropped with the zones. */
  async #write(next: ZoneMap, batches: readonly (readonly [Zone, LogAppend])[]): Promise<void> {
    const { map } = this.#options
    let why: unknown = new TerraneError('map_changed', 'another process has changed the zones meanwhile', {
      retry: 'later',
    })
    try {
      if (await this.#isWritten(next, batches)) {
        map.adopt(next)
        for (const [zone, { seq }] of batches) zone.committed(seq)
        return
      }
    } catch (cause) {
      why = cause
    }
    for (const [zone] of batches) zone.refused(why)
    throw why
  }

  async #isWritten(next: ZoneMap, batches: readonly (readonly [Zone, LogAppend])[]): Promise<boolean> {
    const { store, timers, random } = this.#options
    const appends = batches.map(([, entry]) => entry)
    let isUncertain = false
    for (let attempt = 0; ; attempt++) {
      try {
        if (isUncertain && (await this.#hasLanded(appends))) return true
        const result = await store.map.write({ from: next.version - 1, ranges: next.ranges, appends })
        return result === 'written' || (isUncertain && (await this.#hasLanded(appends)))
      } catch (cause) {
        if (!(cause instanceof TransientStoreError) || attempt + 1 >= WRITE_ATTEMPTS_MAX) throw cause
        if (cause instanceof UncertainStoreError) isUncertain = true
        await sleep(
          timers,
          backoffMs(attempt, () => random.float()),
        )
      }
    }
  }

  /** An epoch has one writer: what it finds at its position is its own. One batch stands for all, and for the map. */
  async #hasLanded([entry]: readonly LogAppend[]): Promise<boolean> {
    if (entry === undefined) return false
    const head = await this.#options.store.log.headOf(entry.zone)
    return head?.seq === entry.seq && head.epoch === entry.epoch
  }
}

interface PlacedRow {
  readonly table: string
  readonly key: string | number
  readonly row: Row
  readonly at: AddressCode
}

/** The rows of a zone that the map decides about. */
function rowsOf(zone: Zone, layout: ZoneLayout): readonly PlacedRow[] {
  const found: PlacedRow[] = []
  for (const table of Object.values(zone.tables) as unknown as readonly KindTable[]) {
    if (table.placed === undefined) continue
    for (const row of table.all()) {
      const at = codeOfRow(layout, table.placed, row)
      if (at !== undefined) found.push({ table: table.schema.name, key: row[table.keyName] as string, row, at })
    }
  }
  return found
}

function admitted(target: Zone, rows: readonly PlacedRow[]): LogAppend {
  try {
    return target.transfer((tables) => {
      for (const { table, row } of rows) tableOf(tables, table).admit(row)
    })
  } catch (cause) {
    if (!(cause instanceof Rejection)) throw cause
    throw new TerraneError('rows_collide', `zone ${target.id} cannot take a row: ${cause.message}`, {
      hint: 'Keys and unique values must differ between zones whose rows may come together.',
    })
  }
}

function dismissed(source: Zone, rows: readonly PlacedRow[], target: Zone): LogAppend {
  try {
    return source.transfer((tables) => {
      for (const { table, key } of rows) tableOf(tables, table).delete(key)
    })
  } catch (cause) {
    target.refused(cause)
    throw cause
  }
}

function tableOf(tables: readonly KindTable[], name: string): KindTable {
  return tables.find(({ schema }) => schema.name === name) as KindTable
}

function checkCodes(lo: number, hi: number): void {
  if (Number.isInteger(lo) && Number.isInteger(hi) && 0 <= lo && lo <= hi && hi <= CODE_MAX) return
  throw new TerraneError('invalid_codes', `${lo} to ${hi} are no codes`, {
    hint: `Give whole numbers from 0 to ${CODE_MAX}, the lower one first.`,
  })
}

function notInMap(zone: string): TerraneError {
  return new TerraneError('not_in_map', `zone ${zone} has no codes in the map`, {
    hint: 'Only zones that `zones.spatial.count` and `zones.persona` declare, and those split from them, can change.',
  })
}
