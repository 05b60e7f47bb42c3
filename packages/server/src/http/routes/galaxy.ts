import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { AnyWorld } from '@terrane/engine'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError, ERROR_SCHEMA } from '../api-error.js'

const SCHEMA = {
  summary: "The world's galaxy, for maps",
  description:
    "The world's own JSON, gzipped where the client takes it; 304 when it has not changed (`If-None-Match`).",
  tags: ['world'],
  response: { 304: { type: 'null' }, 404: ERROR_SCHEMA },
} as const

const compress = promisify(gzip)

interface Encoded {
  readonly galaxy: object
  readonly etag: string
  readonly plain: Buffer
  readonly gzipped: Buffer
}

/** Serves what `World.galaxy` returns. Encoding takes long for a large galaxy, so it is done once for each object. */
export function galaxyRoutes(app: FastifyInstance, world: AnyWorld): void {
  let latest: { readonly galaxy: object; readonly encoded: Promise<Encoded> } | undefined
  const encodedOf = (galaxy: object) => {
    if (latest?.galaxy !== galaxy) latest = { galaxy, encoded: encode(galaxy) }
    return latest.encoded
  }
  app.get('/api/galaxy', { schema: SCHEMA }, async (request, reply) => {
    const galaxy = world.galaxy?.()
    if (galaxy === undefined) {
      throw new ApiError(404, 'not_found', 'this world has no galaxy', 'define galaxy() in the world to serve one')
    }
    const { etag, plain, gzipped } = await encodedOf(galaxy)
    reply.headers({ etag, vary: 'accept-encoding', 'cache-control': 'no-cache' })
    if (matches(request, etag)) return reply.code(304).send()
    reply.type('application/json; charset=utf-8')
    if (!takesGzip(request)) return reply.send(plain)
    return reply.header('content-encoding', 'gzip').send(gzipped)
  })
}

async function encode(galaxy: object): Promise<Encoded> {
  const plain = Buffer.from(JSON.stringify(galaxy))
  // Weak: the gzipped and the plain bytes go by one tag.
  const etag = `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`
  return { galaxy, etag, plain, gzipped: await compress(plain) }
}

function matches({ headers }: FastifyRequest, etag: string): boolean {
  const tags = (headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim())
  return tags.includes(etag) || tags.includes('*')
}

function takesGzip({ headers }: FastifyRequest): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(\.0*)?(,|$))/.test(String(headers['accept-encoding'] ?? ''))
}
