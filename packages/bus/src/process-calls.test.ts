import { TerraneError } from '@terrane/core'
import { SimulatedTime } from '@terrane/testing'
import { describe, expect, test } from 'vitest'
import type { Bus } from './bus.js'
import { InProcessHub } from './in-process-bus.js'
import { ProcessCalls } from './process-calls.js'

const PIECE = 8
const BYTES_MAX = 64
const bytesOf = (length: number) => Uint8Array.from({ length }, (_, i) => i)

function pair(between: (bus: Bus) => Bus = (bus) => bus) {
  const time = new SimulatedTime()
  const hub = new InProcessHub(time)
  const problems: string[] = []
  const process = (owner: string, bus: Bus) =>
    new ProcessCalls({
      bus,
      owner,
      prefix: 'test',
      clock: time,
      pieceBytes: PIECE,
      bytesMax: BYTES_MAX,
      onProblem: (problem) => problems.push(problem),
    })
  const near = process('near', between(hub.bus()))
  const far = process('far', hub.bus())
  const settled = async <T>(promise: Promise<T>): Promise<T> => {
    let isSettled = false
    const watched = promise.finally(() => {
      isSettled = true
    })
    watched.catch(() => {})
    await time.until(() => isSettled)
    return watched
  }
  const call = (method: string, args: Uint8Array, owner = 'far') => settled(near.call(owner, method, args, 1_000))
  return { time, near, far, call, problems }
}

/** Loses the requests whose numbers, from 1, `isLost` names. */
function losing(isLost: (request: number) => boolean): (bus: Bus) => Bus {
  let requests = 0
  return (bus) => ({
    publish: (...of) => bus.publish(...of),
    subscribe: (...of) => bus.subscribe(...of),
    respond: (...of) => bus.respond(...of),
    request: (subject, payload, timeoutMs) => bus.request(isLost(++requests) ? 'nowhere' : subject, payload, timeoutMs),
    isConnected: true,
    statistics: bus.statistics,
    close: () => bus.close(),
  })
}

describe('a call of another process', () => {
  test.each([0, 1, PIECE, PIECE + 1, BYTES_MAX])('brings %i bytes there and as many back', async (length) => {
    const { far, call } = pair()
    far.handle('turn', async (args) => args.toReversed())
    expect(await call('turn', bytesOf(length))).toEqual(bytesOf(length).toReversed())
  })

  test('calls at the same time do not mix their pieces', async () => {
    const { far, call } = pair()
    far.handle('same', async (args) => args)
    const lengths = [30, 64, 7, 45]
    const results = await Promise.all(lengths.map((length) => call('same', bytesOf(length))))
    expect(results).toEqual(lengths.map(bytesOf))
  })

  test('is refused before anything is sent when it is too large, and so is a result', async () => {
    const { far, call } = pair()
    let runs = 0
    far.handle('grow', async () => {
      runs++
      return bytesOf(BYTES_MAX + 1)
    })
    await expect(call('grow', bytesOf(BYTES_MAX + 1))).rejects.toMatchObject({ code: 'too_large_for_bus' })
    expect(runs).toBe(0)
    await expect(call('grow', bytesOf(1))).rejects.toMatchObject({ code: 'result_too_large' })
  })

  test('rejects with the code, message and hint of the other process', async () => {
    const { far, call, problems } = pair()
    far.handle('refuse', async () => {
      throw new TerraneError('zone_held', 'it is held', { retry: 'later', hint: 'Wait.' })
    })
    far.handle('break', async () => {
      throw new Error('a secret detail')
    })
    const refused = { code: 'zone_held', message: 'it is held', hint: 'Wait.', retry: 'later' }
    await expect(call('refuse', bytesOf(1))).rejects.toMatchObject(refused)
    const broken = await call('break', bytesOf(1)).catch((error: TerraneError) => error)
    expect(broken).toMatchObject({ code: 'internal' })
    expect((broken as TerraneError).message).not.toContain('secret')
    expect(problems).toEqual([expect.stringContaining('a secret detail')])
    await expect(call('unknown', bytesOf(1))).rejects.toMatchObject({ code: 'process_version' })
  })

  test('says that a process is away, and that nothing happened', async () => {
    const { far, call } = pair()
    await expect(call('same', bytesOf(1), 'nobody')).rejects.toMatchObject({ code: 'process_away', retry: 'later' })
    far.stop()
    await expect(call('same', bytesOf(1))).rejects.toMatchObject({ code: 'process_away' })
  })

  test('ends at its deadline when the other process does not answer', async () => {
    const { far, call } = pair()
    far.handle('hang', () => new Promise(() => {}))
    await expect(call('hang', bytesOf(1))).rejects.toMatchObject({ code: 'process_silent', retry: 'later' })
  })

  test.each([1, 2, 3])('is run whole or not at all when request %i of it is lost', async (lost) => {
    const { far, call } = pair(losing((request) => request === lost))
    let runs = 0
    far.handle('same', async (args) => {
      runs++
      return args
    })
    await expect(call('same', bytesOf(PIECE * 3))).rejects.toMatchObject({ code: 'process_away' })
    expect(runs).toBe(0)
    expect(await call('same', bytesOf(PIECE * 3))).toEqual(bytesOf(PIECE * 3))
  })

  test('does not say that nothing happened when a part of the result is lost', async () => {
    const { far, call } = pair(losing((request) => request === 2))
    far.handle('grow', async () => bytesOf(PIECE * 3))
    await expect(call('grow', bytesOf(1))).rejects.toMatchObject({ code: 'process_silent' })
  })

  test('keeps few unfinished calls, and those for a while only', async () => {
    const { time, far, near } = pair(losing((request) => request % 2 === 0))
    far.handle('same', async (args) => args)
    const codes: string[] = []
    const half = () =>
      near.call('far', 'same', bytesOf(PIECE + 1), 1_000).catch((error: TerraneError) => codes.push(error.code))
    for (let i = 0; i < 20; i++) {
      const before = codes.length
      void half()
      await time.until(() => codes.length > before)
    }
    expect(new Set(codes)).toEqual(new Set(['process_away', 'process_busy']))
    await time.advance(60_000)
    const before = codes.length
    void half()
    await time.until(() => codes.length > before)
    expect(codes.at(-1)).toBe('process_away')
  })
})
