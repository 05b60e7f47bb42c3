import { type LogAppend, TransientStoreError } from '@terrane/engine'
import { MemoryStore } from '@terrane/store-memory'
import type { SimCluster } from '@terrane/testing'
import maglev, { COURIER, TERMINAL } from '@terrane/world-maglev'
import type { Observations } from '@terrane/world-maglev/mission'
import { checkWriters } from './mission-check.js'

type Attack = NonNullable<Observations['attacks']>[number]

/** The next batch of a zone, with an epoch so much different, and nothing but a forged score. */
interface Forgery {
  readonly name: string
  readonly zone: string
  readonly seqOffset: number
  readonly epochOffset: number
}

/**
 * Tries to write a score by the log as owners that are none: one that was replaced, and one that writes where the owner
 * has written already. And looks through all that was ever written. What the database itself refuses, a score under the
 * name of a car, is no matter of the simulated disk: `terrane mission` without `--fast` tries it.
 */
export async function attackLog({ disk, time }: SimCluster): Promise<Attack[]> {
  const store = new MemoryStore(disk, { clock: time })
  const persona = disk.map.ranges.find(({ authority }) => authority === 'persona')?.zone ?? ''
  const forgeries: Forgery[] = [
    { name: 'log: an owner that was replaced', zone: persona, seqOffset: 1, epochOffset: -1 },
    { name: 'log: a second owner at the same position', zone: persona, seqOffset: 0, epochOffset: 0 },
    { name: 'log: a car whose owner was replaced', zone: TERMINAL, seqOffset: 1, epochOffset: -1 },
    { name: 'log: the other car, likewise', zone: COURIER, seqOffset: 1, epochOffset: -1 },
  ]
  const attacks: Attack[] = []
  for (const forgery of forgeries) attacks.push({ name: forgery.name, succeeded: await isAdmitted(store, forgery) })
  attacks.push({ name: 'batches of other zones with scores', succeeded: checkWriters(disk).length > 0 })
  return attacks
}

async function isAdmitted(store: MemoryStore, { zone, seqOffset, epochOffset }: Forgery): Promise<boolean> {
  const { disk } = store
  const head = await store.log.headOf(zone)
  if (head === undefined) return true
  const batch: LogAppend = {
    zone,
    seq: head.seq + seqOffset,
    epoch: head.epoch + epochOffset,
    payload: Uint8Array.of(0),
    rows: [{ kind: scoresKind(), columns: scoresKind().columns.map(() => ['thief']), deleted: [] }],
  }
  try {
    const [result] = await store.log.append([batch])
    return result === 'committed' || disk.zone(zone).tables.get(scoresKind().sqlName)?.rows.has('thief') === true
  } catch (cause) {
    if (cause instanceof TransientStoreError) return true
    return false
  }
}

function scoresKind() {
  const schema = maglev.schemas.find(({ name }) => name === 'scores')
  if (schema === undefined) throw new Error('the world has no kind "scores"')
  return schema
}
