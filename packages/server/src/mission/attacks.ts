import { connect } from '@terrane/client'
import { assert } from '@terrane/core'
import type { LogAppend } from '@terrane/engine'
import type maglev from '@terrane/world-maglev'
import { TERMINAL } from '@terrane/world-maglev'
import type { Observations } from '@terrane/world-maglev/mission'
import type { Query, Stage } from './stage.js'
import { schemaOf, storedRows } from './tables.js'

type Attack = NonNullable<Observations['attacks']>[number]

/** A fortune, so that it would be seen. */
const POINTS = 1_000_000
const THIEF = 'thief'

/**
 * Tries to write scores without being the player's persona zone: by SQL, by the log, and by inputs. An attempt has
 * succeeded when it was not refused, or when any score differs afterwards. To be run while nobody plays.
 *
 * @param victim a player who has played a mission
 */
export async function attackScores(stage: Stage, victim: string): Promise<Attack[]> {
  const { read, write } = stage
  const { sqlName } = schemaOf('scores')
  const [[persona] = []] = await read(`SELECT terrane_zone FROM "${schemaOf('runs').sqlName}" WHERE player = $1`, [
    victim,
  ])
  assert(typeof persona === 'string', `${victim} has not played a mission yet`)
  const before = await scoresOf(read)
  const attacks: Attack[] = []
  const attempt = async (name: string, isAdmitted: () => Promise<boolean>) => {
    const admitted = await isAdmitted()
    attacks.push({ name, succeeded: admitted || (await scoresOf(read)) !== before })
  }
  const insert = `INSERT INTO "${sqlName}" (terrane_zone, ${schemaOf('scores')
    .columns.map((column) => `"${column.sqlName}"`)
    .join(', ')}) VALUES ($1, ${forged(THIEF).map((_, i) => `$${i + 2}`)})`
  await attempt('SQL: a score as the zone of a car', () => admits(() => write(insert, [TERMINAL, ...forged(THIEF)])))
  await attempt('SQL: scores given to the zone of a car', () =>
    admits(() => write(`UPDATE "${sqlName}" SET terrane_zone = $1`, [TERMINAL])),
  )
  await attempt('log: an owner that was replaced', () => append(stage, persona, -1))
  await attempt('log: the zone of a car with the rows of a player', () => append(stage, TERMINAL, 0))
  await attempt('inputs in the persona zone', () => playIn(stage, persona))
  return attacks
}

/** Admitted is what neither throws nor is fenced. */
async function admits(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch {
    return false
  }
}

/** The next batch of a zone as its owner would write it, with the epoch so much different, and a score in it. */
async function append({ store }: Stage, zone: string, epochOffset: number): Promise<boolean> {
  const head = await store.log.headOf(zone)
  if (head === undefined) return false
  const columns = forged(THIEF).map((value) => [value])
  const batch: LogAppend = {
    zone,
    seq: head.seq + 1,
    epoch: head.epoch + epochOffset,
    payload: Uint8Array.of(0),
    rows: [{ kind: schemaOf('scores'), columns, deleted: [] }],
  }
  try {
    const [result] = await store.log.append([batch])
    return result === 'committed'
  } catch {
    return false
  }
}

/** A guest joins the persona zone itself, and sends every input of the world. */
async function playIn({ url }: Stage, persona: string): Promise<boolean> {
  const client = await connect<typeof maglev>(url, { guest: true, remember: false, zone: persona }).catch(
    () => undefined,
  )
  if (client === undefined) return false
  const limb: [number, number, number, number, number, number, number] = [0, 0, 0, 0, 0, 0, 10_000]
  const { inputs } = client
  const sent = [
    inputs.start({ seconds: 2 }),
    inputs.stick({ x: 0, y: 0 }),
    inputs.grab({ core: 1 }),
    inputs.hurl({ x: 0, y: 0 }),
    inputs.slot({ slot: 1 }),
    inputs.zap({ drone: 1 }),
    inputs.pose({ seq: 1, limbs: [limb, limb, limb] }),
  ]
  const outcomes = await Promise.allSettled(sent.map(({ applied }) => applied))
  await client.close()
  return outcomes.some(({ status }) => status === 'fulfilled')
}

/** A score's values in the order of the kind's columns. */
function forged(player: string): (string | number)[] {
  return schemaOf('scores').columns.map(({ name }) => {
    if (name === 'player') return player
    return name === 'points' ? POINTS : 1
  })
}

async function scoresOf(read: Query): Promise<string> {
  const rows = [...(await storedRows(read, 'scores'))].sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(rows)
}
