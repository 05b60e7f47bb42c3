import { existsSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** The bundler puts what it names by content here: such a file never changes. */
const ASSETS = `${sep}assets${sep}`

const HEADERS = {
  'content-security-policy': [
    "default-src 'self'",
    // Libraries for charts and maps set styles on elements; scripts are files of ours only.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "connect-src 'self' ws: wss:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

/** Where the built console is; undefined when it has not been built. */
function consoleDirectory(): string | undefined {
  const directory = fileURLToPath(new URL('../../../../apps/console/dist', import.meta.url))
  return existsSync(join(directory, 'index.html')) ? directory : undefined
}

/** Serves the console at `/`. False when there is none to serve. */
export async function serveConsole(app: FastifyInstance): Promise<boolean> {
  const root = consoleDirectory()
  if (root === undefined) return false
  await app.register(fastifyStatic, {
    root,
    cacheControl: false,
    setHeaders(response, path) {
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value)
      response.setHeader('cache-control', path.includes(ASSETS) ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  return true
}
