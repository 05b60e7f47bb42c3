import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What is held can only be told from what has not been collected yet by collecting it. */
const COLLECTIONS = 4
const SETTLE_MS = 100

let collect: (() => void) | undefined

/** Bytes that this process holds on its heap and in buffers, garbage aside. */
export async function heldBytes(): Promise<number> {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  for (let i = 0; i < COLLECTIONS; i++) {
    collect()
    await delay(SETTLE_MS)
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
