import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))
/** Nothing listens there: the bots try again and again. */
const NOWHERE = 'http://127.0.0.1:9'

let child: ChildProcess | undefined
let output = ''

function start(arguments_: readonly string[], stdin: 'pipe' | 'ignore' | 'ipc'): ChildProcess {
  const flags = ['--import', 'tsx', '--conditions=terrane-source', main, ...arguments_]
  const stdio = stdin === 'ipc' ? (['ignore', 'ignore', 'pipe', 'ipc'] as const) : ([stdin, 'ignore', 'pipe'] as const)
  output = ''
  const started = spawn(process.execPath, flags, { stdio: [...stdio] })
  started.stderr?.on('data', (data: Buffer) => {
    output += data.toString()
  })
  child = started
  return started
}

async function connecting(): Promise<void> {
  while (!output.includes('connect to')) await new Promise((resolve) => setTimeout(resolve, 50))
}

afterEach(() => {
  child?.kill('SIGKILL')
})

test.each(['SIGINT', 'SIGTERM'] as const)('the process ends on %s', async (signal) => {
  const bots = start(['--url', NOWHERE, '--count', '3'], 'ignore')
  await connecting()
  bots.kill(signal)
  expect(await once(bots, 'exit')).toEqual([0, null])
})

test('it ends when the pipe of its parent closes', async () => {
  const bots = start(['--url', NOWHERE, '--count', '3'], 'pipe')
  await connecting()
  bots.stdin?.end()
  expect(await once(bots, 'exit')).toEqual([0, null])
})

test('it ends when the IPC channel of its parent closes', async () => {
  const bots = start(['--url', NOWHERE, '--count', '3'], 'ipc')
  await connecting()
  bots.disconnect()
  expect(await once(bots, 'exit')).toEqual([0, null])
})

test.each([
  [['--count', '5000'], '--count'],
  [['--url', 'nonsense'], '--url'],
])('it refuses %j and names the option', async (arguments_, named) => {
  const [code] = await once(start(arguments_, 'ignore'), 'close')
  expect(code).toBe(2)
  expect(output).toContain(named)
})
