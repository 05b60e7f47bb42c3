import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { FAIR, Link, type Weather } from './link.js'
import { reset } from './reset.js'

export interface FaultProxyOptions {
  readonly target: { readonly host: string; readonly port: number }
  /** Default 127.0.0.1, any free port. */
  readonly listen?: { readonly host?: string; readonly port?: number }
  /** Uniform in [0, 1): which pieces are lost. Default `Math.random`. */
  readonly random?: () => number
}

/** A TCP proxy that breaks what goes through it, as networks and servers do. Faults last until `heal`. */
export interface FaultProxy {
  readonly host: string
  /** Stays the same over `refuse` and `heal`. */
  readonly port: number
  /** Connections that are open now. */
  readonly connections: number
  /** Connections that were ever made. */
  readonly accepted: number
  /** Every piece arrives so much later, in order, in both directions. */
  latency(ms: number): void
  /**
   * A share of the pieces is lost, as a network loses segments of TCP: the sender sends a lost one again after its
   * retransmission time-out, and whatever is behind it in the same direction waits for it. No byte is missing.
   */
  loss(share: number, timeoutMs: number): void
  /** Ends all connections by RST, now. */
  reset(): void
  /**
   * Bytes vanish in both directions, also on connections made meanwhile; nothing is closed. With `heal` these
   * connections are reset, since bytes are missing in them.
   */
  halfOpen(): void
  /** The next answer of the server, on whichever connection, is cut after so many bytes and the connection closed. */
  truncateNext(bytes: number): void
  /** Nobody listens: new connections get ECONNREFUSED, present ones are reset. */
  refuse(): Promise<void>
  /** New connections are accepted and get no answer, ever; present ones go on. */
  blackHole(): void
  /** Ends all faults. */
  heal(): Promise<void>
  close(): Promise<void>
}

export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = new TcpProxy(options)
  await proxy.listen(options.listen?.port ?? 0)
  return proxy
}

class TcpProxy implements FaultProxy {
  readonly host: string
  readonly #target: FaultProxyOptions['target']
  readonly #links = new Set<Link>()
  /** Accepted into the black hole. */
  readonly #swallowed = new Set<Socket>()
  readonly #weather: Weather
  #server: Server | undefined
  #isBlackHole = false
  #port = 0
  #accepted = 0

  constructor({ target, listen, random = Math.random }: FaultProxyOptions) {
    this.#target = target
    this.#weather = { ...FAIR, random }
    this.host = listen?.host ?? '127.0.0.1'
  }

  get port(): number {
    return this.#port
  }

  get connections(): number {
    return this.#links.size + this.#swallowed.size
  }

  get accepted(): number {
    return this.#accepted
  }

  async listen(port: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket))
    server.listen(port, this.host)
    await once(server, 'listening')
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
  }

  latency(ms: number): void {
    this.#weather.latencyMs = ms
  }

  loss(share: number, timeoutMs: number): void {
    Object.assign(this.#weather, { lossShare: share, lossMs: timeoutMs })
  }

  reset(): void {
    for (const link of [...this.#links]) link.reset()
    for (const socket of this.#swallowed) reset(socket)
  }

  halfOpen(): void {
    this.#weather.isHalfOpen = true
  }

  truncateNext(bytes: number): void {
    this.#weather.truncateAfter = bytes
  }

  async refuse(): Promise<void> {
    await this.#stopListening()
  }

  blackHole(): void {
    this.#isBlackHole = true
  }

  async heal(): Promise<void> {
    const wasHalfOpen = this.#weather.isHalfOpen
    Object.assign(this.#weather, FAIR)
    this.#isBlackHole = false
    if (wasHalfOpen) this.reset()
    for (const socket of this.#swallowed) reset(socket)
    if (this.#server === undefined) await this.listen(this.#port)
  }

  async close(): Promise<void> {
    await this.#stopListening()
  }

  async #stopListening(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    this.reset()
    if (server === undefined) return
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      // Accepted while it was being closed.
      this.reset()
    })
  }

  #accept(socket: Socket): void {
    this.#accepted++
    if (this.#isBlackHole) {
      socket.on('error', () => {})
      socket.on('close', () => this.#swallowed.delete(socket))
      this.#swallowed.add(socket)
      return
    }
    this.#links.add(new Link(socket, this.#target, this.#weather, (link) => this.#links.delete(link)))
  }
}
