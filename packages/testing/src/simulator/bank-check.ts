import { personaCode } from '@terrane/causality'
import { type Zone, ZoneMap } from '@terrane/engine'
import type { MemoryDisk } from '@terrane/store-memory'
import { BANK_START } from './bank-world.js'

/** Whether the whole of a bank world is right when nothing is on its way any more. Returns what is wrong. */
export function checkBank(zones: readonly Zone[], disk: MemoryDisk, promised: readonly string[]): string[] {
  const map = ZoneMap.of(disk.map.version, disk.map.ranges)
  const problems: string[] = []
  const accounts = new Map<string, number>()
  const entries = new Map<string, string>()
  for (const zone of zones) {
    for (const { player, balance } of rowsOf<{ player: string; balance: number }>(zone, 'accounts')) {
      if (accounts.has(player)) problems.push(`${player} has two accounts`)
      accounts.set(player, balance)
      problems.push(...misplaced(map, zone, player))
    }
    for (const { id, player } of rowsOf<{ id: string; player: string }>(zone, 'entries')) {
      if (entries.has(id)) problems.push(`"${id}" stands in ${entries.get(id)} and in ${zone.id}`)
      entries.set(id, zone.id)
      problems.push(...misplaced(map, zone, player))
    }
  }
  const sum = [...accounts.values()].reduce((total, balance) => total + balance, 0)
  if (sum !== accounts.size * BANK_START) problems.push(`${accounts.size} accounts together hold ${sum}`)
  return [...problems, ...endings(new Set(entries.keys()), promised), ...storedAccounts(disk, accounts)]
}

/** Each payment was credited once, or came back once. */
function endings(entries: ReadonlySet<string>, promised: readonly string[]): string[] {
  const problems = promised
    .filter((id) => !entries.has(`${id} sent`))
    .map((id) => `order ${id} was durable and is lost`)
  for (const entry of entries) {
    const [id, what] = entry.split(' ') as [string, string]
    const ends = ['credited', 'returned'].filter((end) => entries.has(`${id} ${end}`))
    if (what === 'sent' && ends.length !== 1) problems.push(`payment ${id} was ${ends.join(' and ') || 'lost'}`)
    if (what !== 'sent' && !entries.has(`${id} sent`)) problems.push(`payment ${id} was ${what}, and nobody sent it`)
  }
  return problems
}

/** Accounts are in the tables with each commit: the same, and in no second zone. */
function storedAccounts(disk: MemoryDisk, accounts: ReadonlyMap<string, number>): string[] {
  const stored = [...disk.zones.values()].flatMap(({ tables }) => [
    ...(tables.get('bank_accounts')?.rows.values() ?? []),
  ])
  const problems = stored
    .filter(([player, balance]) => accounts.get(player as string) !== balance)
    .map(([player, balance]) => `the table has ${balance} for ${player}, memory ${accounts.get(player as string)}`)
  if (stored.length !== accounts.size) problems.push(`${stored.length} accounts in tables, ${accounts.size} in memory`)
  return problems
}

function misplaced(map: ZoneMap, zone: Zone, player: string): string[] {
  const due = map.zoneAt({ authority: 'persona', code: personaCode(player) })
  return due === zone.id ? [] : [`a row of ${player} is in ${zone.id}, the map says ${due}`]
}

function rowsOf<T>(zone: Zone, kind: string): readonly T[] {
  return [...(zone.tables[kind]?.all() ?? [])] as unknown as readonly T[]
}
