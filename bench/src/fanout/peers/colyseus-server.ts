import { type Client, matchMaker, Room, Server } from '@colyseus/core'
import { Encoder, MapSchema, StateView, schema } from '@colyseus/schema'
import { WebSocketTransport } from '@colyseus/ws-transport'
import { childOptions, serveParent, tell } from '../../child.js'
import type { RoomsWorkload, Workload, WorldWorkload } from '../contract.js'
import { cellCount, changeCells } from '../servers/cells.js'
import { MovingWorld, View, ViewScratch } from '../servers/moving-world.js'
import { startTicker } from '../servers/ticker.js'
import { stamp } from '../stamp.js'
import { listeningPort } from './listening-port.js'

/**
 * Colyseus as its documentation would have it, with one thing in its favour: rooms patch when the
 * state has just changed (`broadcastPatch()`, patchRate off) instead of on a second timer, which
 * would add up to a patch interval of latency and drift.
 */
const CellState = schema({ data: 'string' })

class CellRoom extends Room<InstanceType<typeof CellState>> {
  override autoDispose = false
  override state = new CellState()

  override onCreate(options: { cell: number; roomSize: number }): void {
    this.roomId = `cell-${options.cell}`
    this.maxClients = options.roomSize
    this.patchRate = 0
  }
}

const Entity = schema({ x: 'float32', y: 'float32' })
const WorldState = schema({ stamp: 'string', entities: { map: Entity, view: true } })

class WorldRoom extends Room<InstanceType<typeof WorldState>> {
  override autoDispose = false
  override state = new WorldState()
  readonly #views = new Map<string, View>()
  readonly #entities: InstanceType<typeof Entity>[] = []

  override onCreate(workload: WorldWorkload): void {
    this.roomId = 'world'
    this.patchRate = 0
    this.state.entities ??= new MapSchema()
    for (let id = 0; id < workload.entities; id++) {
      const entity = new Entity()
      this.#entities.push(entity)
      this.state.entities.set(String(id), entity)
    }
  }

  start(workload: WorldWorkload): void {
    const world = new MovingWorld(workload)
    const scratch = new ViewScratch(workload.entities)
    startTicker(workload.hz, 1, () => this.#tick(world, scratch))
  }

  override onJoin(client: Client, options: { index: number }): void {
    client.view = new StateView()
    this.#views.set(client.sessionId, new View(options.index))
  }

  override onLeave(client: Client): void {
    this.#views.delete(client.sessionId)
  }

  #tick(world: MovingWorld, scratch: ViewScratch): void {
    this.state.stamp = stamp()
    world.step()
    this.#entities.forEach((entity, id) => {
      entity.x = world.x[id] ?? 0
      entity.y = world.y[id] ?? 0
    })
    for (const client of this.clients) {
      this.#views.get(client.sessionId)?.update(
        world,
        scratch,
        (id) => this.#show(client, id),
        (id) => this.#hide(client, id),
      )
    }
    this.broadcastPatch()
  }

  #show(client: Client, id: number): void {
    const entity = this.#entities[id]
    if (entity !== undefined) client.view?.add(entity)
  }

  #hide(client: Client, id: number): void {
    const entity = this.#entities[id]
    if (entity !== undefined) client.view?.remove(entity)
  }
}

/** Creates the rooms and returns what sets them going. */
async function createCells(workload: RoomsWorkload, server: Server): Promise<() => void> {
  server.define('cell', CellRoom)
  for (let cell = 0; cell < cellCount(workload); cell++) {
    await matchMaker.createRoom('cell', { cell, roomSize: workload.roomSize })
  }
  const rooms = Array.from({ length: cellCount(workload) }, (_, cell) => matchMaker.getLocalRoomById(`cell-${cell}`))
  return () =>
    changeCells(workload, (cell, data) => {
      const room = rooms[cell] as CellRoom
      room.state.data = data
      room.broadcastPatch()
    })
}

async function createWorld(workload: WorldWorkload, server: Server): Promise<() => void> {
  // The views of one tick are encoded one behind the other in one buffer; when it overflows, all is encoded again.
  Encoder.BUFFER_SIZE = 32 * 1024 * 1024
  server.define('world', WorldRoom)
  await matchMaker.createRoom('world', workload)
  const room = matchMaker.getLocalRoomById('world') as WorldRoom
  return () => room.start(workload)
}

const workload = childOptions<Workload>()
const transport = new WebSocketTransport()
const server = new Server({ transport, greet: false, gracefullyShutdown: false })
await server.listen(0, '127.0.0.1')
const start = await (workload.kind === 'rooms' ? createCells(workload, server) : createWorld(workload, server))
tell({ port: listeningPort(transport.server) })
serveParent(async () => {
  start()
  return {}
})
