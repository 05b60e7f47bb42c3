import type { RowOf } from '@terrane/engine'
import { ACCOUNTS, type ChaosKinds, START_BALANCE } from './kinds.js'

type Rows<N extends keyof ChaosKinds> = Iterable<Readonly<RowOf<ChaosKinds[N]>>>

/** The rows of the world, wherever they were read: in its memory, or in its SQL tables. */
export type WorldRows = { readonly [N in 'accounts' | 'structures' | 'marks' | 'tallies']: Rows<N> }

export interface Audit {
  /** Empty when every rule holds. */
  readonly problems: readonly string[]
  /** Inputs that were executed and kept, by player. */
  readonly kept: Readonly<Record<string, number>>
}

/** Holds the rows against the rules that no crash may break. */
export function audit(rows: WorldRows): Audit {
  const problems: string[] = []
  let money = 0
  for (const { id, balance } of rows.accounts) {
    money += balance
    if (balance < 0) problems.push(`account ${id} holds ${balance}`)
  }
  for (const { id, worth, account } of rows.structures) {
    money += worth
    if (account === '') problems.push(`structure ${id} stands although its input was refused`)
  }
  if (money !== ACCOUNTS * START_BALANCE) problems.push(`there is ${money} money, not ${ACCOUNTS * START_BALANCE}`)

  const marked = new Map<string, number>()
  for (const { owner, page, counts } of rows.marks) {
    let sum = marked.get(owner) ?? 0
    for (const digit of counts) {
      const times = Number(digit)
      sum += times
      if (times > 1) problems.push(`an input of ${owner} on page ${page} was executed ${times} times`)
    }
    marked.set(owner, sum)
  }
  const kept: Record<string, number> = {}
  for (const { id, inputs } of rows.tallies) {
    kept[id] = inputs
    // Marks are durable with the log, tallies with the tables: they must agree all the same.
    if (marked.get(id) !== inputs) problems.push(`${id} has ${marked.get(id) ?? 0} marks and a tally of ${inputs}`)
    marked.delete(id)
  }
  for (const [owner, sum] of marked) if (sum > 0) problems.push(`${owner} has ${sum} marks and no tally`)
  return { problems, kept }
}
