import { setTimeout as delay } from 'node:timers/promises'
import { Histogram } from '@terrane/core'
import { ZONES } from './kinds.js'
import type { ZoneProcess } from './zone-process.js'

const POLL_MS = 20
const ANSWER_MS_MAX = 1_000

interface Held {
  readonly by: ZoneProcess
  readonly epoch: number
}

/** What a process says of one of its zones. */
interface ZoneReport {
  readonly id: string
  readonly state: string
  readonly epoch: number
  readonly isWarm: boolean
  readonly ops: { readonly outbox: number }
}

/** Watches which process serves which zone, by asking all of them again and again. */
export class Ownership {
  /** From a fault of the owner until another process took inputs. */
  readonly takeOverMs = new Histogram()
  /** Those of them that had a warm copy. */
  warmTakeOvers = 0
  readonly #held = new Map<string, Held>()
  readonly #reports = new Map<ZoneProcess, readonly ZoneReport[]>()
  /** Zones whose owner has been hit, and when. */
  readonly #hit = new Map<string, number>()
  #isStopped = false
  readonly #watching: Promise<unknown>

  constructor(processes: readonly ZoneProcess[]) {
    this.#watching = Promise.all(processes.map((each) => this.#watch(each)))
  }

  ownerOf(zone: string): ZoneProcess | undefined {
    return this.#held.get(zone)?.by
  }

  zonesOf(process: ZoneProcess): string[] {
    return ZONES.filter((zone) => this.ownerOf(zone) === process)
  }

  /** Says that the owner of these zones has just been hit: whoever takes one is timed from now on. */
  hit(process: ZoneProcess): void {
    for (const zone of this.zonesOf(process)) this.#hit.set(zone, performance.now())
  }

  /** The process is well again: what it still has, it has not lost. */
  spared(process: ZoneProcess): void {
    for (const zone of this.zonesOf(process)) this.#hit.delete(zone)
  }

  /** It has answered since it was hit, and says to serve no zone that a later owner has. */
  hasLetGo(process: ZoneProcess): boolean {
    const reports = this.#reports.get(process)
    return reports?.every(({ id, epoch }) => epoch >= (this.#held.get(id)?.epoch ?? 0)) ?? false
  }

  /** Every zone is served by a process that answers. */
  get isWhole(): boolean {
    return ZONES.every((zone) => {
      const held = this.#held.get(zone)
      return held !== undefined && !this.#hit.has(zone) && this.#says(held.by, zone, held.epoch)
    })
  }

  /** Ops that no receiver has acknowledged yet. */
  get opsUnderWay(): number {
    return [...this.#reports.values()].flat().reduce((sum, { ops }) => sum + ops.outbox, 0)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#watching
  }

  #says(process: ZoneProcess, zone: string, epoch: number): boolean {
    const reports = this.#reports.get(process) ?? []
    return reports.some((each) => each.id === zone && each.state === 'active' && each.epoch === epoch)
  }

  async #watch(process: ZoneProcess): Promise<void> {
    while (!this.#isStopped) {
      const reports = process.isAway ? undefined : await zonesAt(process.url)
      // It may have been hit while it answered.
      if (reports === undefined || process.isAway) this.#reports.delete(process)
      else this.#take(process, reports)
      await delay(POLL_MS)
    }
  }

  #take(process: ZoneProcess, reports: readonly ZoneReport[]): void {
    this.#reports.set(process, reports)
    for (const { id, state, epoch, isWarm } of reports) {
      if (state !== 'active' || epoch <= (this.#held.get(id)?.epoch ?? 0)) continue
      const hitAt = this.#hit.get(id)
      if (hitAt !== undefined) this.takeOverMs.record(performance.now() - hitAt)
      if (hitAt !== undefined && isWarm) this.warmTakeOvers++
      this.#hit.delete(id)
      this.#held.set(id, { by: process, epoch })
    }
  }
}

async function zonesAt(url: string): Promise<readonly ZoneReport[] | undefined> {
  try {
    const answer = await fetch(`${url}/api/zones`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) })
    const { zones } = (await answer.json()) as { zones?: readonly ZoneReport[] }
    return zones
  } catch {
    return undefined
  }
}
