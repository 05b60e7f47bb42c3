import { readFileSync } from 'node:fs'
import { Histogram, systemClock } from '@terrane/core'
import { type Assignments, Computation, createIdentity, decodeContext, NodeApi } from '@terrane/node'
import { cpuSeconds } from '../cpu.js'
import { sibling } from '../processes.js'
import { note } from '../report.js'
import { startTerrane } from '../terrane-server.js'

/** A node has so many cores, and so claims and brings that many chunks at a time. */
const CORES = 64
const NODES = 2
/** One fight of a chunk, and a short one: what is measured is how chunks go to and fro. */
const FIGHT_SECONDS = 5
const CLAIM_WAIT_MS = 1_000

export interface OverHttp {
  /** Chunks claimed and completed, by the clock. */
  readonly perSecond: number
  /** Of the time that the server had on its cores, however busy the machine is with something else. */
  readonly perServerCpuSecond: number
  /** Of a batch: to claim it and to bring it, until the answer that it is kept. */
  readonly cycleP50Ms: number
  readonly cycleP99Ms: number
  readonly claimP99Ms: number
  readonly completeP99Ms: number
  readonly chunksPerBatch: number
}

export interface HttpRun {
  /** Directory of the server's database. */
  readonly data: string
  readonly jobs: number
  /** Of each job. */
  readonly chunks: number
}

/**
 * Nodes that claim and complete the chunks of jobs at the real server, which is a process of its own with its own
 * PostgreSQL: every request is signed, and an answer means that the results are in the database. The results are real,
 * but computed beforehand.
 */
export async function measureOverHttp({ data, jobs, chunks }: HttpRun): Promise<OverHttp> {
  const server = await startTerrane({ world: sibling('../keynote/bank-world', import.meta.url), data })
  try {
    const owner = await Owner.at(server.url)
    const nodes = await Promise.all(Array.from({ length: NODES }, () => owner.addNode()))
    await owner.submit(chunks)
    const results = new PreparedResults(chunks)
    await bringAll(nodes, results, chunks)
    const jobIds: string[] = []
    for (let i = 0; i < jobs; i++) jobIds.push(await owner.submit(chunks))
    note(`over HTTP: ${jobs} jobs of ${chunks} chunks are submitted`)
    const startedAt = cpuSeconds(server.pid)
    const measured = await bringAll(nodes, results, jobs * chunks)
    const perServerCpuSecond = (jobs * chunks) / (cpuSeconds(server.pid) - startedAt)
    for (const id of jobIds) await owner.requireCompleted(id)
    return { ...measured, perServerCpuSecond }
  } finally {
    await server.stop()
  }
}

/** A user of the server, whose jobs and nodes these are. */
class Owner {
  readonly #url: string
  readonly #authorization: string

  private constructor(url: string, token: string) {
    this.#url = url
    this.#authorization = `Bearer ${token}`
  }

  static async at(url: string): Promise<Owner> {
    const response = await fetch(`${url}/api/guest`, { method: 'POST' })
    const { token } = (await answerOf(response)) as { token: string }
    return new Owner(url, token)
  }

  async addNode(): Promise<NodeApi> {
    const api = new NodeApi({ server: this.#url, identity: await createIdentity(false), clock: systemClock })
    const { claimToken } = (await this.#ask('POST', '/api/nodes/claim-tokens')) as { claimToken: string }
    await api.register({
      claimToken,
      name: 'bench',
      totalCores: CORES,
      maxParallel: CORES,
      platform: process.platform,
      version: '0',
    })
    return api
  }

  /** All jobs are of the same fights, so that the same results are right for all of them. */
  async submit(chunks: number): Promise<string> {
    const profile = new URL('../profiles/cinderwright.json', import.meta.resolve('@terrane/combat'))
    const simConfig = { ...JSON.parse(readFileSync(profile, 'utf8')), encounter: { seconds: FIGHT_SECONDS } }
    const sentinelConfig = { iterations: chunks, chunks, seed: 'bench' }
    const { jobId } = (await this.#ask('POST', '/api/jobs', { simConfig, sentinelConfig })) as { jobId: string }
    return jobId
  }

  /** The answer to a job's last chunk is given when its end is written down. */
  async requireCompleted(jobId: string): Promise<void> {
    const { status, error } = (await this.#ask('GET', `/api/jobs/${jobId}`)) as { status: string; error?: string }
    if (status !== 'completed') throw new Error(`a job is ${status}: ${error}`)
  }

  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.#url + path, {
      method,
      headers: {
        authorization: this.#authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return answerOf(response)
  }
}

/** The result of every chunk, computed when the first of them is seen. */
class PreparedResults {
  readonly #chunks: number
  #hash = ''
  #results: Promise<readonly Uint8Array[]> | undefined

  constructor(chunks: number) {
    this.#chunks = chunks
  }

  async of(api: NodeApi, { jobId, workHash, claimToken, first, count }: Chunk): Promise<Uint8Array> {
    this.#results ??= this.#compute(api, jobId, workHash, claimToken)
    const result = (await this.#results)[first]
    if (workHash !== this.#hash || count !== 1 || result === undefined) throw new Error('a chunk of other work')
    return result
  }

  async #compute(api: NodeApi, jobId: string, hash: string, claimToken: string): Promise<readonly Uint8Array[]> {
    this.#hash = hash
    const context = await decodeContext(await api.context(jobId, hash, claimToken), hash)
    const computation = new Computation(context, await api.gameData(context.gameData))
    return Array.from({ length: this.#chunks }, (_, first) => computation.run({ variant: 0, first, count: 1 }))
  }
}

type Chunk = Assignments['chunks'][number]

/** Resolves when the nodes have brought so many chunks, each claimed as soon as it has brought those before. */
async function bringAll(
  nodes: readonly NodeApi[],
  results: PreparedResults,
  total: number,
): Promise<Omit<OverHttp, 'perServerCpuSecond'>> {
  const claimMs = new Histogram()
  const completeMs = new Histogram()
  const cycleMs = new Histogram()
  let done = 0
  let batches = 0
  const startedAt = performance.now()
  let endedAt = startedAt
  const work = async (api: NodeApi) => {
    while (done < total) {
      const claimedAt = performance.now()
      const { chunks } = await api.claim({ max: CORES, waitMs: CLAIM_WAIT_MS })
      if (chunks.length === 0) continue
      const assignedAt = performance.now()
      const completions = await Promise.all(
        chunks.map(async (chunk) => ({
          jobId: chunk.jobId,
          claimToken: chunk.claimToken,
          workHash: Buffer.from(chunk.workHash, 'hex'),
          result: await results.of(api, chunk),
          elapsedMs: 1,
        })),
      )
      const broughtAt = performance.now()
      const { outcomes } = await api.complete(completions)
      endedAt = performance.now()
      const refused = outcomes.find(({ outcome }) => outcome !== 'accepted')
      if (refused !== undefined) throw new Error(`a completion was ${refused.outcome}: ${refused.message}`)
      claimMs.record(assignedAt - claimedAt)
      completeMs.record(endedAt - broughtAt)
      cycleMs.record(assignedAt - claimedAt + endedAt - broughtAt)
      done += chunks.length
      batches++
    }
  }
  await Promise.all(nodes.map(work))
  return {
    perSecond: (total * 1_000) / (endedAt - startedAt),
    cycleP50Ms: cycleMs.quantile(0.5),
    cycleP99Ms: cycleMs.quantile(0.99),
    claimP99Ms: claimMs.quantile(0.99),
    completeP99Ms: completeMs.quantile(0.99),
    chunksPerBatch: total / batches,
  }
}

async function answerOf(response: Response): Promise<unknown> {
  if (response.ok) return response.json()
  throw new Error(`${response.url} answers ${response.status}: ${await response.text()}`)
}
