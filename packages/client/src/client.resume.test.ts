import { Prng, type TerraneError } from '@terrane/core'
import { SimulatedTime } from '@terrane/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Client } from './client.js'
import { connectOver } from './connect.js'
import type { Input } from './inputs/input.js'
import { ModelServer } from './test-support/model-server.js'

interface Sent {
  readonly id: number
  readonly input: Input
  applied: Settled | undefined
  durable: Settled | undefined
}

type Settled = { readonly value: unknown } | { readonly error: TerraneError }

const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('send' as const), kind: fc.constantFrom('earn', 'spend') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('batch' as const), count: fc.integer({ min: 2, max: 5 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 80 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('grant' as const), amount: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('slow disk' as const), ms: fc.integer({ min: 1, max: 400 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('outage' as const), ms: fc.integer({ min: 1, max: 800 }) }) },
)

type Action = typeof action extends fc.Arbitrary<infer A> ? A : never

async function start(seed: number, acks: 'both' | 'durable') {
  const time = new SimulatedTime()
  const random = new Prng(seed)
  const server = new ModelServer(time, random.fork('server'))
  let client: Client | undefined
  const options = {
    acks,
    clock: time,
    timers: time,
    random: () => random.float(),
    limits: { pendingMax: 12 },
    remember: false as const,
  }
  void connectOver(server)('http://model', options).then((each) => {
    client = each
  })
  await time.until(() => client !== undefined)
  return { time, server, client: client as unknown as Client }
}

async function play(seed: number, acks: 'both' | 'durable', eager: boolean, actions: readonly Action[]) {
  const { time, server, client } = await start(seed, acks)
  const sent: Sent[] = []
  const send = (kind: string) => {
    const id = sent.length + 1
    if (client.room === 0) {
      expect(() => client.send(kind, { id, amount: 1 })).toThrow(/wait to become durable/)
      return
    }
    const each: Sent = { id, input: client.send(kind, { id, amount: 2 }), applied: undefined, durable: undefined }
    sent.push(each)
    if (eager) watch(each)
  }
  for (const each of actions) {
    if (each.do === 'send') send(each.kind)
    else if (each.do === 'batch') client.batch(() => Array.from({ length: each.count }, () => send('spend')).length)
    else if (each.do === 'wait') await time.advance(each.ms)
    else if (each.do === 'grant') server.grant(each.amount)
    else if (each.do === 'cut') server.cut()
    else if (each.do === 'crash') server.crash()
    else if (each.do === 'slow disk') server.commitMsMax = each.ms
    else {
      server.down = true
      server.cut()
      await time.advance(each.ms)
      server.down = false
    }
  }
  await time.until(() => client.status === 'online' && client.pending === 0)
  // Promises that are read only now must say the same.
  if (!eager) for (const each of sent) watch(each)
  await time.advance(0)
  await client.close()
  return { server, sent }
}

function watch(sent: Sent): void {
  const into = (moment: 'applied' | 'durable') => (settled: Settled) => {
    if (sent[moment] !== undefined) throw new Error(`${moment} settled twice`)
    sent[moment] = settled
  }
  for (const moment of ['applied', 'durable'] as const) {
    sent.input[moment].then(
      (value) => into(moment)({ value }),
      (error: TerraneError) => into(moment)({ error }),
    )
  }
}

function check({ server, sent }: Awaited<ReturnType<typeof play>>): void {
  expect(server.violations).toEqual([])
  expect(server.durable).toBe(server.applied)
  for (const { id, input, applied, durable } of sent) {
    const executions = server.executions.filter((each) => each.id === id)
    const execution = server.executions[input.seq - 1]
    expect(executions.length).toBeLessThanOrEqual(1)
    if (applied !== undefined && 'value' in applied && input.status !== 'unknown') {
      expect(server.resultsById.get(id)).toContainEqual(applied.value)
    }
    if (input.status === 'durable') {
      expect(execution).toMatchObject({ id, outcome: 'applied' })
      expect(durable).toEqual({ value: execution?.result })
      expect(applied).toHaveProperty('value')
    } else if (input.status === 'rejected') {
      expect(execution?.outcome).not.toBe('applied')
      expect(durable).toMatchObject({ error: { code: 'too_poor' } })
    } else {
      // The answer was lost with the connection: executed once, and nothing claims to know more.
      expect(input.status).toBe('unknown')
      expect(execution).toMatchObject({ id })
      expect(durable).toEqual({ value: undefined })
      expect(applied).toHaveProperty('value')
    }
  }
}

describe('inputs across losses of the connection and crashes of the server', () => {
  test('each takes effect once, a number means one input, and promises tell what happened', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.constantFrom('both' as const, 'durable' as const),
        fc.boolean(),
        fc.array(action, { maxLength: 60 }),
        async (seed, acks, eager, actions) => check(await play(seed, acks, eager, actions)),
      ),
      { numRuns: 250 },
    )
  })

  test('applied, lost with a crash, and refused the second time: `durable` rejects, `applied` stays', async () => {
    const { time, server, client } = await start(1, 'both')
    server.commitMsMax = 100_000
    server.grant(2)
    const input = client.send('spend', { id: 1, amount: 2 })
    await time.until(() => input.status === 'applied')
    server.crash()
    server.commitMsMax = 10
    const applied = await input.applied
    const durable = expect(input.durable).rejects.toMatchObject({ name: 'InputRejected', code: 'too_poor', seq: 1 })
    await time.until(() => client.pending === 0)
    await durable
    expect(applied).toEqual({ id: 1, balance: 2 })
    expect(await input.applied).toEqual(applied)
    await client.close()
  })

  test('refused, and possible after a crash: it does not happen, since its sender was told so', async () => {
    const { time, server, client } = await start(2, 'both')
    server.commitMsMax = 100_000
    const input = client.send('spend', { id: 1, amount: 2 })
    const next = client.send('earn', { id: 2, amount: 2 })
    await time.until(() => next.status === 'applied')
    expect(input.status).toBe('rejected')
    server.crash()
    server.grant(5)
    server.commitMsMax = 10
    await time.until(() => client.pending === 0)
    expect(server.executions.map((each) => each.outcome)).toEqual(['skipped', 'applied'])
    await expect(input.durable).rejects.toMatchObject({ code: 'too_poor' })
    await client.close()
  })

  test('applied, lost with a crash, and the second answer lost too: unknown, not durable', async () => {
    const { time, server, client } = await start(3, 'both')
    server.commitMsMax = 100_000
    server.grant(2)
    const input = client.send('spend', { id: 1, amount: 2 })
    await time.until(() => input.status === 'applied')
    server.crash()
    server.commitMsMax = 10
    await time.until(() => server.executions[0]?.outcome === 'rejected')
    server.cut()
    await time.until(() => client.status === 'online' && client.pending === 0)
    expect(input.status).toBe('unknown')
    expect(await input.durable).toBeUndefined()
    await client.close()
  })

  test('without faults nothing stays unknown', async () => {
    const actions: Action[] = Array.from({ length: 60 }, (_, i) =>
      i % 3 === 2 ? { do: 'wait', ms: 40 } : { do: 'send', kind: i % 2 === 0 ? 'earn' : 'spend' },
    )
    const played = await play(1, 'both', true, actions)
    check(played)
    expect(played.sent.map((each) => each.input.status)).not.toContain('unknown')
    expect(played.sent.some((each) => each.input.status === 'durable')).toBe(true)
  })
})
