import { CHRONICLE_MAX } from './bounds.js'
import type { ChronicleEntry, Tx } from './kinds.js'

/** Writes down a notable event; the oldest goes when the chronicle is full. */
export function record(tx: Tx, entry: Omit<ChronicleEntry, 'id' | 'at'>): void {
  const [newest] = tx.chronicle.by.id.range({ reverse: true, limit: 1 })
  tx.chronicle.insert({ id: (newest?.id ?? 0) + 1, at: tx.now, ...entry })
  if (tx.chronicle.count <= CHRONICLE_MAX) return
  const [oldest] = tx.chronicle.by.id.range({ limit: 1 })
  if (oldest !== undefined) tx.chronicle.delete(oldest.id)
}
