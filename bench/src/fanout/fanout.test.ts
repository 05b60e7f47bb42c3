import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

interface Outcome {
  code: number
  stdout: string
  stderr: string
}

function bench(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const node = ['--import', 'tsx', '--conditions=terrane-source', main, ...args]
    execFile(process.execPath, node, { timeout: 55_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr })
    })
  })
}

test('a tiny run reaches every client of every contender and reports it in one line of JSON', async () => {
  const { code, stdout, stderr } = await bench('fanout', '--tiny', '--json')
  expect(code, stderr).toBe(0)
  const last = stdout.trimEnd().split('\n').at(-1) ?? ''
  const { name, passed, figures } = JSON.parse(last) as {
    name: string
    passed: boolean
    figures: Record<string, number | null>
  }
  expect({ name, passed }).toEqual({ name: 'fanout', passed: true })
  for (const contender of ['colyseus', 'socket.io']) {
    expect(figures[`rooms.${contender}.lost`]).toBe(0)
    expect(figures[`rooms.${contender}.deliveredPercent`]).toBeGreaterThan(0)
  }
  expect(figures['world.idealBytesPerUpdate']).toBeGreaterThan(0)
  expect(figures).toHaveProperty(['world.colyseus.clientsHeld'])
  expect(stderr).not.toContain('suspect')
})

test('a contender or workload that does not exist is named', async () => {
  const [contender, workload] = await Promise.all([
    bench('fanout', '--tiny', '--only', 'nobody'),
    bench('fanout', '--tiny', '--workload', 'moon'),
  ])
  expect(contender).toMatchObject({ code: 2, stderr: expect.stringContaining('"nobody"') })
  expect(workload).toMatchObject({ code: 2, stderr: expect.stringContaining('"moon"') })
})
