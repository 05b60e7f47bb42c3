import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import fastifySwagger from '@fastify/swagger'
import { assert, messageOf } from '@terrane/core'
import Fastify, { type FastifyInstance } from 'fastify'
import { CommandFailure } from '../process/failure.js'
import type { Logger } from '../process/log.js'
import type { Service } from '../process/service.js'
import { version } from '../process/version.js'
import { answerErrors } from './api-error.js'
import { serveConsole } from './console-files.js'

/** No request of ours has a body of any size. */
const BODY_BYTES_MAX = 16 * 1024
/** Slow requests hold sockets; none of ours needs long. */
const REQUEST_MS_MAX = 30_000

export interface HttpOptions {
  readonly host: string
  readonly port: number
  readonly console: boolean
  readonly log: Logger
  /** Adds the API. */
  readonly routes: (app: FastifyInstance) => void
  /** Takes a WebSocket upgrade; false when the path is not its own, undefined while the server starts. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean | undefined
}

/**
 * Listens from the first moment of a start to the last of a stop, so that a port in use shows at once
 * and /healthz and /readyz always have an answer.
 */
export class HttpService implements Service {
  readonly doing = 'opening the port'
  readonly failing = 'the server cannot listen'
  readonly #options: HttpOptions
  #app: FastifyInstance | undefined

  constructor(options: HttpOptions) {
    this.#options = options
  }

  /** For people and programs on this machine. */
  get url(): string {
    assert(this.#app !== undefined, 'the server does not listen yet')
    const { address, family, port } = this.#app.server.address() as AddressInfo
    const isAny = address === '0.0.0.0' || address === '::'
    return `http://${isAny ? 'localhost' : family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  async run(): Promise<void> {
    const { log, routes } = this.#options
    const app = Fastify({
      bodyLimit: BODY_BYTES_MAX,
      requestTimeout: REQUEST_MS_MAX,
      forceCloseConnections: true,
      routerOptions: { ignoreTrailingSlash: true },
    })
    this.#app = app
    answerErrors(app, log)
    await app.register(fastifySwagger, { openapi: OPENAPI })
    app.register(async (scope) => routes(scope))
    app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
    if (!(this.#options.console && (await serveConsole(app)))) {
      app.get('/', { schema: { hide: true } }, async () => ({ terrane: version(), api: '/openapi.json' }))
    }
    app.server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    await app.ready()
    await this.#listen(app)
  }

  async stop(): Promise<void> {
    await this.#app?.close()
  }

  #listen({ server }: FastifyInstance): Promise<void> {
    const { host, port } = this.#options
    return new Promise((resolve, reject) => {
      server.once('error', (error) => reject(listenFailure(host, port, error)))
      server.listen({ host, port }, () => {
        server.removeAllListeners('error')
        server.on('error', (error) => this.#options.log.error({ err: error }, 'the HTTP server failed'))
        resolve()
      })
    })
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    try {
      const isTaken = this.#options.upgrade(request, socket, head)
      if (isTaken === true) return
      // Clients give up for good after a 404, so it must not be the answer to those who only come early.
      const answer = isTaken === undefined ? '503 Service Unavailable\r\nRetry-After: 1' : '404 Not Found'
      socket.on('error', () => socket.destroy())
      socket.end(`HTTP/1.1 ${answer}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    } catch (error) {
      // A request line that is no URL, for example.
      this.#options.log.debug({ why: messageOf(error) }, 'an upgrade failed')
      socket.destroy()
    }
  }
}

const OPENAPI = {
  openapi: '3.1.0',
  info: {
    title: 'Terrane',
    description:
      'What the server tells about itself and its world. Players play through the WebSocket at /socket/websocket.',
    version: version(),
  },
  components: {
    securitySchemes: { bearer: { type: 'http' as const, scheme: 'bearer', bearerFormat: 'JWT' } },
  },
}

function listenFailure(host: string, port: number, cause: Error): CommandFailure {
  const what = `cannot listen on ${host}:${port}`
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new CommandFailure('port_in_use', {
        what,
        why: 'another program uses this port already',
        next: `stop that program, or choose another port: --port ${port + 1} (--port 0 takes any that is free)`,
        cause,
      })
    case 'EACCES':
      return new CommandFailure('port_forbidden', {
        what,
        why: 'this user may not use that port; those below 1024 belong to root',
        next: 'choose another port: --port 4000',
        cause,
      })
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CommandFailure('unknown_host', {
        what,
        why: `${host} is no address of this machine`,
        next: 'give one that is: --host 127.0.0.1 for this machine only, --host 0.0.0.0 for all networks',
        cause,
      })
    default:
      return new CommandFailure('listen_failed', {
        what,
        why: messageOf(cause),
        next: 'choose another address with --host and --port',
        cause,
      })
  }
}
