import type { ZoneMapChange } from '@terrane/protocol'
import { operatorToken } from '../command/operator-token.js'
import { ServerClient } from '../command/server-client.js'
import type { Environment } from '../config/environment.js'

export interface ZonesOptions {
  readonly url: string
  readonly json: boolean
  readonly token?: string
  readonly data: string
}

/** Changes the zone map of a running world. Throws `CommandFailure`. */
export async function changeZones(
  change: 'split' | 'merge' | 'move',
  body: object,
  options: ZonesOptions,
  environment: Environment,
): Promise<void> {
  const server = new ServerClient(options.url, await operatorToken({ token: options.token, ...options }, environment))
  const answer = await server.send({
    path: `/api/zone-map/${change}`,
    body,
    what: 'the zones were not changed',
    afterwards: 'terrane zones list shows whether the change took place',
  })
  const { version, from, into, rows } = answer as unknown as ZoneMapChange
  process.stderr.write(`${rows} rows went from ${from} to ${into}; the map has version ${version} now\n`)
  if (options.json) process.stdout.write(`${JSON.stringify({ name: `zones ${change}`, passed: true, ...answer })}\n`)
}
