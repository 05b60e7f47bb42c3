/** Real `nats-server` processes as one cluster, for tests. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** Why tests with a real server cannot run here; undefined when they can. */
export const NATS_MISSING: string | undefined =
  spawnSync('nats-server', ['--version']).status === 0
    ? undefined
    : 'nats-server is not installed (apt-get install nats-server)'

const START_MS_MAX = 30_000

export interface NatsNode {
  readonly url: string
  readonly process: ChildProcess
  /** Ends it at once. */
  kill(): Promise<void>
}

/** Starts `count` servers that know each other; resolves when each has routes to all others. */
export async function startNatsCluster(count: number, args: readonly string[] = []): Promise<NatsNode[]> {
  const ports = await freePorts(count * 3)
  const routes = Array.from({ length: count }, (_, i) => `nats://127.0.0.1:${ports[i * 3 + 1]}`).join(',')
  const nodes = Array.from({ length: count }, (_, i) => {
    const [client, cluster, monitor] = ports.slice(i * 3, i * 3 + 3) as [number, number, number]
    const clustered = ['--cluster_name', 'test', '--cluster', `nats://127.0.0.1:${cluster}`, '--routes', routes]
    const own = ['-a', '127.0.0.1', '-p', String(client), '-m', String(monitor), '-n', `node-${i}`]
    const child = spawn('nats-server', [...own, ...(count > 1 ? clustered : []), ...args], { stdio: 'ignore' })
    const ended = once(child, 'exit')
    return {
      node: {
        url: `nats://127.0.0.1:${client}`,
        process: child,
        kill: async () => {
          child.kill('SIGKILL')
          await ended
        },
      },
      monitor,
    }
  })
  try {
    await Promise.all(nodes.map(({ monitor, node }) => routed(monitor, node, count - 1)))
  } catch (error) {
    await Promise.all(nodes.map(({ node }) => node.kill()))
    throw error
  }
  return nodes.map(({ node }) => node)
}

async function routed(monitor: number, node: NatsNode, peers: number): Promise<void> {
  const deadline = Date.now() + START_MS_MAX
  for (;;) {
    const known = await fetch(`http://127.0.0.1:${monitor}/routez`)
      .then(async (answer) => (await answer.json()) as { routes?: { remote_id: string }[] })
      .then(({ routes = [] }) => new Set(routes.map(({ remote_id }) => remote_id)).size)
      .catch(() => -1)
    if (known >= peers) break
    if (node.process.exitCode !== null || Date.now() > deadline) throw new Error('a NATS server did not start')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  // The monitor answers before clients are taken; the server greets those.
  const { hostname, port } = new URL(node.url)
  const probe = connect(Number(port), hostname)
  await once(probe, 'data')
  probe.destroy()
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
