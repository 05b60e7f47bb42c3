import { join } from 'node:path'
import { CAN_MOUNT, smallDisk } from '@terrane/testing/small-disk'
import { beforeAll, expect, test } from 'vitest'
import { buildAll, eventually, getJson, guestAt, playAt, ServerProcess } from '../test-process/server-process.js'

/** The cluster and its first segments of log take 45 MB. */
const DISK = '160m'

beforeAll(buildAll)

const reasonsAt = async (url: string): Promise<string> => String((await getJson(`${url}/readyz`)).body.reasons)

test.runIf(CAN_MOUNT)(
  'a full disk: inputs are refused and the reason told; with room again all goes on, and nothing taken is lost',
  async () => {
    const disk = smallDisk(DISK)
    const server = new ServerProcess({ data: join(disk.path, 'data') })
    const url = await server.url()
    const { token, player } = await guestAt(url)
    const client = await playAt(url, token)
    await client.inputs.add({ by: 1 }).durable

    disk.fill()
    // The tables have some room left in their last pages.
    let taken = 0
    let durable = 0
    const refusal = await eventually(async () => {
      const input = client.inputs.add({ by: 1 })
      const failure = await input.applied.then(
        () => undefined,
        (error: unknown) => error,
      )
      if (failure !== undefined) return failure
      taken++
      input.durable.then(
        () => durable++,
        () => {},
      )
      return undefined
    })
    expect(refusal).toMatchObject({ code: 'zone_unavailable', retry: 'later' })
    expect((await getJson(`${url}/healthz`)).status).toBe(200)
    expect(await reasonsAt(url)).toMatch(/zone main waits for the database: .*No space left on device/)
    await eventually(async () => {
      const [zone] = (await getJson(`${url}/api/stats`)).body.zones as { state: string; stalledBecause?: string }[]
      return zone?.state === 'stalled' && zone.stalledBecause?.includes('No space left on device') ? zone : undefined
    })

    // Nor can PostgreSQL be started again now.
    for (const pid of server.relatives()) process.kill(pid, 'SIGKILL')
    await eventually(async () => (/did not start.*trying again/.test(server.stderr) ? true : undefined))
    expect(server.stderr).toMatch(/No space left on device.*did not start/)

    disk.free()
    await eventually(async () => ((await getJson(`${url}/readyz`)).status === 200 ? true : undefined), 60_000)
    await eventually(async () => (durable === taken ? true : undefined))
    const value = 1 + taken
    expect((await getJson(`${url}/api/kinds/counters/${player}`)).body.row).toEqual({ id: player, value })
    expect(await client.inputs.add({ by: 1 }).durable).toBe(value + 1)
    expect(await server.end('SIGTERM')).toBe(0)
    expect(server.relatives()).toEqual([])
  },
)
