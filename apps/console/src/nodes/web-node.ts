import { systemClock, systemTimers, TerraneError } from '@terrane/core'
import { NodeAgent, NodeApi, type NodeState } from '@terrane/node'
import { browserIdentity, createWebPool, forgetBrowserIdentity } from '@terrane/node/web'
import ChunkWorker from '@terrane/node/web-worker?worker'
import type { JobsApi } from '../jobs/jobs-api.js'

interface WebNode {
  readonly agent: NodeAgent
  readonly publicKey: string
  /** Rejects when the server will have no more of this node. */
  readonly ended: Promise<void>
}

/** Makes this browser a node of the user and begins. @param onChunk is told the fights of each accepted chunk */
export async function startWebNode(api: JobsApi, cores: number, onChunk: (fights: number) => void): Promise<WebNode> {
  if (!window.isSecureContext) {
    throw new TerraneError(
      'insecure_context',
      'browsers keep keys only on pages that come by https or from localhost',
      {
        hint: 'Open this page by https.',
      },
    )
  }
  const { nodeApi, state } = await introduce(api, cores)
  const workers = createWebPool(cores, () => new ChunkWorker())
  const agent = new NodeAgent({
    api: nodeApi,
    workers,
    clock: systemClock,
    timers: systemTimers,
    random: Math.random,
    onEvent: (event) => {
      if (event.type === 'completed' && event.outcome === 'accepted') onChunk(event.units)
    },
  })
  const ended = agent.run(state).finally(() => workers.close())
  return { agent, publicKey: nodeApi.publicKey, ended }
}

/** As the node that this browser was before, or as a new one when that is not the user's. */
async function introduce(api: JobsApi, cores: number): Promise<{ nodeApi: NodeApi; state: NodeState }> {
  const open = async () => {
    const identity = await browserIdentity()
    return new NodeApi({ server: api.server, identity, clock: systemClock, software: { version: 'web' } })
  }
  let nodeApi = await open()
  const known = (await api.nodes()).find(({ publicKey }) => publicKey === nodeApi.publicKey)
  if (known !== undefined && known.status !== 'revoked') {
    if (known.maxParallel !== cores) await api.changeNode(known.publicKey, { maxParallel: cores })
    return { nodeApi, state: await nodeApi.state() }
  }
  // A key belongs to one user for ever, and one that was revoked is never good again.
  await forgetBrowserIdentity()
  nodeApi = await open()
  const state = await nodeApi.register({
    claimToken: await api.claimToken(),
    name: `Browser ${nodeApi.publicKey.slice(0, 4)}`,
    totalCores: Math.max(cores, navigator.hardwareConcurrency),
    maxParallel: cores,
    platform: 'browser',
    version: 'web',
  })
  return { nodeApi, state }
}
