import { TerraneError } from '@terrane/core'

type JobStatus = 'pending' | 'running' | 'completed' | 'failed' | 'cancelled'
export type Strategy = 'single' | 'stat_weights' | 'tournament'

export interface JobProgress {
  /** Fights of the phase. */
  readonly unitsDone: number
  readonly unitsTotal: number
  readonly chunksInFlight: number
  readonly phase: number
  readonly phaseCount: number
  readonly variantsActive: number
  /** Damage per second of what leads. */
  readonly mean?: number
  /** Standard error of the mean by the mean. */
  readonly relativeError?: number
}

export interface Job {
  readonly id: string
  readonly status: JobStatus
  readonly meta: { readonly spec?: string; readonly strategy?: Strategy; readonly variants?: number }
  readonly error?: string
  /** ms since the epoch, as all instants here */
  readonly createdAt: number
  readonly finishedAt?: number
  readonly progress?: JobProgress
}

/** A combat configuration; the server checks the rest of it. */
export interface SimConfig {
  readonly spec: string | number
  readonly encounter?: { readonly seconds: number; readonly enemies?: number }
  readonly gear?: readonly { readonly slot: string; readonly item: string | number }[]
  readonly [field: string]: unknown
}

export interface NodeShare {
  readonly friends: boolean
  readonly public: boolean
  readonly guilds: readonly string[]
}

export interface NodeInfo {
  readonly publicKey: string
  readonly name: string
  readonly totalCores: number
  readonly maxParallel: number
  readonly platform: string
  readonly version: string
  readonly status: 'online' | 'offline' | 'revoked'
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly share: NodeShare
  /** Chunks of it that others have confirmed. */
  readonly confirmations: number
  /** Why it gets no more work. */
  readonly distrust?: string
  /** Who wants it to get no work for now. */
  readonly pausedBy?: 'owner' | 'operator'
}

/** A node as operators see it. */
export interface FleetNode extends NodeInfo {
  readonly userId: string
  /** What it does for the server that answers; absent when it has not spoken to it. */
  readonly activity?: {
    readonly chunks: readonly { readonly jobId: string; readonly count: number }[]
    /** Fights of one core. */
    readonly unitsPerSecond?: number
    /** Why it gets no work until it is updated. */
    readonly outdated?: string
  }
}

export interface NodeChange {
  readonly name?: string
  readonly maxParallel?: number
  readonly share?: NodeShare
  readonly paused?: boolean
}

/** A user's jobs and nodes over HTTP. Rejects with a TerraneError: the server's own words. */
export class JobsApi {
  /** Where the server is, without a slash at its end. */
  readonly server: string
  readonly #bearer: () => Promise<string>

  constructor(server: string, bearer: () => Promise<string>) {
    this.server = server
    this.#bearer = bearer
  }

  async submit(simConfig: SimConfig, sentinelConfig: object): Promise<string> {
    const { jobId } = await this.#json<{ jobId: string }>('POST', '/api/jobs', { simConfig, sentinelConfig })
    return jobId
  }

  async jobs(): Promise<readonly Job[]> {
    return (await this.#json<{ jobs: Job[] }>('GET', '/api/jobs')).jobs
  }

  job(id: string): Promise<Job> {
    return this.#json('GET', `/api/jobs/${id}`)
  }

  config<C>(id: string): Promise<{ readonly simConfig: SimConfig; readonly sentinelConfig: C }> {
    return this.#json('GET', `/api/jobs/${id}/config`)
  }

  async bytes(id: string, part: 'result' | 'timeline'): Promise<Uint8Array> {
    return new Uint8Array(await (await this.#send('GET', `/api/jobs/${id}/${part}`)).arrayBuffer())
  }

  async cancel(id: string): Promise<void> {
    await this.#json('POST', `/api/jobs/${id}/cancel`)
  }

  async nodes(): Promise<readonly NodeInfo[]> {
    return (await this.#json<{ nodes: NodeInfo[] }>('GET', '/api/nodes')).nodes
  }

  changeNode(key: string, change: NodeChange): Promise<NodeInfo> {
    return this.#json('PATCH', `/api/nodes/${key}`, change)
  }

  /** Everybody's nodes; for operators. */
  async fleet(): Promise<readonly FleetNode[]> {
    return (await this.#json<{ nodes: FleetNode[] }>('GET', '/api/fleet')).nodes
  }

  /** Anybody's node; for operators. */
  pauseAny(key: string, paused: boolean): Promise<FleetNode> {
    return this.#json('PATCH', `/api/fleet/${key}`, { paused })
  }

  async removeNode(key: string): Promise<void> {
    await this.#json('DELETE', `/api/nodes/${key}`)
  }

  async claimToken(): Promise<string> {
    return (await this.#json<{ claimToken: string }>('POST', '/api/nodes/claim-tokens')).claimToken
  }

  async #json<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await (await this.#send(method, path, body)).json()) as T
  }

  async #send(method: string, path: string, body?: unknown): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${await this.#bearer()}` }
    if (body !== undefined) headers['content-type'] = 'application/json'
    const response = await fetch(`${this.server}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (response.ok) return response
    const said = (await response.json().catch(() => ({}))) as { code?: string; message?: string; hint?: string }
    throw new TerraneError(said.code ?? 'bad_answer', said.message ?? `the server answered ${response.status}`, {
      hint: said.hint ?? 'Is the server run with jobs?',
    })
  }
}
