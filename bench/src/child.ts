import { createInterface } from 'node:readline'

/**
 * The other side of processes.ts: for scripts that a benchmark starts as processes of their own.
 * They talk in lines of JSON, on stdin and stdout, and end when stdin ends, so that not even a
 * SIGKILL of the benchmark leaves one behind.
 */
export type Message = Record<string, unknown>

/** One message to the benchmark. The first one says that the script is ready. */
export function tell(message: Message): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

/** Answers each request in turn. Call it even with nothing to answer: it ties this process's life to its parent's. */
export function serveParent(answer: (request: Message) => Promise<Message> = async () => ({})): void {
  let queue = Promise.resolve()
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    queue = queue.then(async () => {
      try {
        tell(await answer(JSON.parse(line) as Message))
      } catch (error) {
        tell({ error: error instanceof Error ? error.message : String(error) })
      }
    })
  })
  lines.on('close', () => process.exit(0))
}

/** The JSON that the parent passed as the only argument. */
export function childOptions<T>(): T {
  const text = process.argv[2]
  if (text === undefined) throw new Error('this script is started by a benchmark, with its options as JSON')
  return JSON.parse(text) as T
}
