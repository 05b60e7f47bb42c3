import { TerraneError } from '@terrane/core'
import { expect, test } from 'vitest'
import { Lifecycle } from './lifecycle.js'
import type { Service } from './service.js'

function harness(names: string, behaviour: Partial<Record<string, () => Promise<void>>> = {}) {
  const events: string[] = []
  const step = async (event: string) => {
    events.push(event)
    await behaviour[event]?.()
  }
  const services = [...names].map(
    (name): Service => ({
      doing: `doing ${name}`,
      failing: `${name} does not work`,
      run: () => step(`run ${name}`),
      drain: () => step(`drain ${name}`),
      stop: () => step(`stop ${name}`),
      kill: () => step(`kill ${name}`),
    }),
  )
  const failures: string[] = []
  const lifecycle = new Lifecycle(services, {
    onStep: () => {},
    onDrainFailure: (failure) => failures.push(failure.message),
  })
  return { lifecycle, events, failures }
}

test('starts in order; drains and stops in the opposite order', async () => {
  const { lifecycle, events } = harness('ab')
  expect(lifecycle.phase).toBe('idle')
  expect(await lifecycle.run()).toBe(true)
  expect(lifecycle.phase).toBe('serving')
  expect(await lifecycle.drain()).toBe(true)
  expect(lifecycle.phase).toBe('stopped')
  expect(events).toEqual(['run a', 'run b', 'drain b', 'drain a', 'stop b', 'stop a'])
})

test('a failed start stops what had begun, and says what does not work', async () => {
  const { lifecycle, events } = harness('abc', {
    'run b': async () => {
      throw new TerraneError('bad', 'it is broken', { hint: 'mend it' })
    },
  })
  await expect(lifecycle.run()).rejects.toMatchObject({ what: 'b does not work', why: 'it is broken', next: 'mend it' })
  expect(events).toEqual(['run a', 'run b', 'stop b', 'stop a'])
  expect(lifecycle.phase).toBe('stopped')
})

test('a drain during the start waits for the present step only', async () => {
  let proceed = () => {}
  const { lifecycle, events } = harness('abc', {
    'run b': () =>
      new Promise((resolve) => {
        proceed = resolve
      }),
  })
  const running = lifecycle.run()
  await new Promise((resolve) => setImmediate(resolve))
  const draining = lifecycle.drain()
  proceed()
  expect(await running).toBe(false)
  expect(await draining).toBe(true)
  expect(events).toEqual(['run a', 'run b', 'drain b', 'drain a', 'stop b', 'stop a'])
})

test('what fails to drain does not keep the others from it', async () => {
  const { lifecycle, events, failures } = harness('ab', {
    'drain b': async () => {
      throw new Error('stuck')
    },
  })
  await lifecycle.run()
  expect(await lifecycle.drain()).toBe(false)
  expect(events).toEqual(['run a', 'run b', 'drain b', 'drain a', 'stop b', 'stop a'])
  expect(failures).toEqual(['the server did not end in order (doing b): stuck'])
})

test('a kill reaches those that have not stopped yet, though one of them hangs', async () => {
  const { lifecycle, events } = harness('abc', { 'stop b': () => new Promise(() => {}) })
  await lifecycle.run()
  void lifecycle.drain()
  await expect.poll(() => events.at(-1)).toBe('stop b')
  await lifecycle.kill()
  expect(events.slice(events.indexOf('stop b'))).toEqual(['stop b', 'kill b', 'kill a'])
})
