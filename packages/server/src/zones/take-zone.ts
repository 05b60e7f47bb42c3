import { operatorToken } from '../command/operator-token.js'
import { ServerClient } from '../command/server-client.js'
import type { Environment } from '../config/environment.js'
import type { ZonesOptions } from './change-zones.js'
import type { Taken } from './zone-work.js'

/** Brings a zone to the process that is asked. Throws `CommandFailure`. */
export async function takeZone(zone: string, options: ZonesOptions, environment: Environment): Promise<void> {
  const server = new ServerClient(options.url, await operatorToken({ token: options.token, ...options }, environment))
  const answer = await server.send({
    path: `/api/zones/${encodeURIComponent(zone)}/take`,
    body: {},
    what: `zone ${zone} was not brought there`,
    afterwards: 'terrane zones list shows which process has the zone',
  })
  const { from, epoch } = answer as unknown as Taken
  process.stderr.write(
    `${zone} is at ${options.url} now, in epoch ${epoch}${from === null ? '' : `; ${from} had it`}\n`,
  )
  if (options.json) process.stdout.write(`${JSON.stringify({ name: 'zones take', passed: true, ...answer })}\n`)
}
