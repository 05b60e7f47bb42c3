import { createServer } from 'node:http'
import { systemClock, systemTimers } from '@terrane/core'
import { type AnyWorld, Engine, fieldsOf, wireTypeOf, type Zone } from '@terrane/engine'
import { createGateway } from '@terrane/gateway'
import { MemoryDisk, MemoryStore } from '@terrane/store-memory'
import type { z } from 'zod'
import { childOptions, serveParent, tell } from '../../child.js'
import type { Workload } from '../contract.js'
import { listeningPort } from '../peers/listening-port.js'
import { changeCells } from '../servers/cells.js'
import { startTicker } from '../servers/ticker.js'
import { stamp } from '../stamp.js'
import { openWorld } from './open-world.js'
import { roomsWorld } from './rooms-world.js'

/**
 * Engine and gateway as the server runs them. The peers keep nothing, so here the log goes to a store in
 * memory: transactions, undo, batches and the log's encoding are all there, the database is not. Tokens
 * are players' names.
 */
const workload = childOptions<Workload>()
const world = (workload.kind === 'rooms' ? roomsWorld(workload) : openWorld(workload)) as AnyWorld
const engine = new Engine({
  world,
  store: new MemoryStore(new MemoryDisk(), { clock: systemClock }),
  clock: systemClock,
  timers: systemTimers,
  seed: 'fanout',
  owner: 'fanout',
  limits: { retentionMs: 1000 },
})
await engine.start()
const gateway = createGateway({
  zones: (id) => engine.zone(id),
  world: {
    name: world.name,
    inputs: Object.entries(world.inputs as Record<string, { args: z.ZodType }>).map(([name, { args }]) => ({
      name,
      fields: fieldsOf(args) ?? [],
    })),
    kinds: world.schemas.map((schema) => ({
      name: schema.name,
      columns: schema.columns.map((column) => column.name),
      types: schema.columns.map(wireTypeOf),
      key: schema.keyColumn,
    })),
  },
  auth: { verify: async (token) => ({ player: token ?? '', role: 'player' }) },
  limits: { sessionsMax: 20_000 },
  clock: systemClock,
  timers: systemTimers,
  random: Math.random,
})
const http = createServer()
http.on('upgrade', (request, socket, head) => gateway.handleUpgrade(request, socket, head))
http.listen(0, '127.0.0.1', () => {
  tell({ port: listeningPort(http) })
  serveParent(async () => {
    start(await engine.zone('main'))
    return {}
  })
})

/** The game's own changes come as inputs of a player that has no socket. */
function start(zone: Zone): void {
  const game = zone.open('game', 'server', { onDurable: () => {}, onClosed: () => {} })
  const submit = (args: unknown[]) => {
    const outcome = zone.submit(game, game.applied + 1, 0, args)
    if (outcome !== undefined) throw new Error(`the game's input was not taken: ${JSON.stringify(outcome)}`)
  }
  if (workload.kind === 'rooms') changeCells(workload, (cell, text) => submit([cell, text]))
  else startTicker(workload.hz, 1, () => submit([stamp()]))
}
