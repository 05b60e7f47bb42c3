/** Reading the end of PostgreSQL's own log, for error messages. */
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const TAIL_LINES = 15
const TAIL_BYTES = 8_192

/** Sizes in bytes by file name: where the log ended at some moment. */
export type LogMark = ReadonlyMap<string, number>

export async function markLogs(clusterDir: string): Promise<LogMark> {
  const dir = join(clusterDir, 'log')
  const names = await readdir(dir).catch(() => [])
  return new Map(await Promise.all(names.map(async (name) => [name, await sizeOf(join(dir, name))] as const)))
}

/** The last lines written since `mark`; '' when there are none or they cannot be read. */
export async function tailOfLogs(clusterDir: string, mark: LogMark): Promise<string> {
  const dir = join(clusterDir, 'log')
  let text = ''
  for (const name of (await readdir(dir).catch(() => [])).sort()) {
    const size = await sizeOf(join(dir, name))
    const before = mark.get(name) ?? 0
    // A file that shrank was started anew.
    const from = Math.max(size < before ? 0 : before, size - TAIL_BYTES)
    if (size > from) text += await readRange(join(dir, name), from, size - from)
  }
  return text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n')
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}

async function readRange(path: string, from: number, length: number): Promise<string> {
  const handle = await open(path, 'r').catch(() => undefined)
  if (handle === undefined) return ''
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}
