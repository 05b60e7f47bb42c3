/**
 * What a contender brings to the fan-out benchmark: a server script and the client's half of its
 * wire protocol. Everything else (the workloads' content, clocks, processes, raw sockets, counting,
 * figures) is shared, so that contenders differ in nothing but what is compared.
 *
 * To add one: write `<name>-server.ts` and `<name>-client.ts`, and an entry in contenders.ts.
 */

/** (a) Cells of `roomSize` connections; each cell's `stateBytes` of text change `hz` times a second. */
export interface RoomsWorkload {
  kind: 'rooms'
  connections: number
  roomSize: number
  stateBytes: number
  hz: number
}

/** (b) `entities` move each tick; client i follows entity i and sees what is within the radius. */
export interface WorldWorkload {
  kind: 'world'
  entities: number
  /** How many entities a client sees on average; servers/moving-world.ts makes the radius from it. */
  visible: number
  hz: number
  seed: string
  /** The most clients that will ever join. */
  clients: number
}

export type Workload = RoomsWorkload | WorldWorkload

/**
 * Server script: started with the workload as its only argument (`childOptions<Workload>()`), on the
 * server's core. It listens on 127.0.0.1 on a free port, calls `tell(ready)` once with at least the
 * port, and then `serveParent(…)`, where the one request that comes means: all is connected, start to
 * change the state now. (Thousands that join a server under full load would be another benchmark.)
 */
export interface ServerReady {
  port: number
  /** Anything else that its clients need to know (topics, tokens). */
  [key: string]: unknown
}

export interface Contender {
  name: string
  /** Version that is measured, for the table. */
  version: string
  workloads: readonly Workload['kind'][]
  serverScript: URL
  /** Module that exports `createFanoutClient: CreateFanoutClient`; loaded in the load process. */
  clientModule: URL
  /** Numbers of clients to try in the open world, ascending; the search refines behind the last that held. */
  worldSteps: readonly number[]
  env?: Record<string, string>
}

export interface FanoutClientOptions {
  workload: Workload
  /** 0, 1, 2, …: the cell is `Math.floor(index / roomSize)`, the entity it follows is `index`. */
  index: number
  /** One in twenty of the open world: follow the state with the real decoder, to know what is visible. */
  decode: boolean
  ready: ServerReady
}

export type CreateFanoutClient = (options: FanoutClientOptions) => FanoutClient

/** The socket of one client, as its protocol sees it. */
export interface Wire {
  send(data: string | Uint8Array): void
}

/** One simulated player. Lives in the load process: thousands share a core, so it does as little as possible. */
export interface FanoutClient {
  /** What has to happen before the WebSocket (matchmaking, tokens). Resolves to path and query of the upgrade. */
  prepare(): Promise<string>
  opened(wire: Wire): void
  /**
   * A message lies in `bytes` from `start` to `end`: a buffer that all sockets share, so copy what
   * must last. Returns how many state updates it carried: 0 for anything that is not state. A client
   * counts as joined with its first update. Pings of the WebSocket are answered by the harness.
   */
  message(wire: Wire, bytes: Buffer, start: number, end: number): number
  /** How many entities it sees now; undefined for clients that do not decode (most). */
  visible?(): number | undefined
}
