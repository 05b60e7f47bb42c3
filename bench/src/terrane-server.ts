import { fileURLToPath } from 'node:url'
import { type ServerChild, startServerChild } from '@terrane/server'
import { note } from './report.js'

export interface TerraneOptions {
  /** A world's module, in the form in which this process runs. */
  readonly world: URL
  /** Directory of the embedded database; unused with `databaseUrl`. */
  readonly data: string
  readonly databaseUrl?: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Where to leave a CPU profile of the server. */
  readonly profile?: string
  /** With the web page; it has to be built. */
  readonly console?: boolean
}

/** The real `terrane start` in a process of its own, without bots and, unless asked for, without console. */
export async function startTerrane(options: TerraneOptions): Promise<ServerChild> {
  const { world, data, databaseUrl, args = [], env = {}, profile } = options
  const server = await startServerChild({
    world: fileURLToPath(world),
    data,
    args: [...(options.console === true ? [] : ['--no-console']), ...args],
    env: { ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }), ...env },
    nodeFlags: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
  })
  return {
    ...server,
    async stop() {
      const end = await server.stop()
      if (end.code !== 0) note(`the server ended with exit code ${end.code}:\n${end.said}`)
      return end
    },
  }
}
