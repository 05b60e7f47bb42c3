import { ENGINE_VERSION } from '@terrane/combat'
import { type Clock, messageOf, TerraneError } from '@terrane/core'
import { type NodeIdentity, signRequest } from '../signature/identity.js'
import {
  type Assignments,
  type ChunkFailure,
  type ClaimRequest,
  type CompletionAnswer,
  contextPath,
  gameDataPath,
  type HeartbeatAnswer,
  type HeartbeatRequest,
  NODE_PATHS,
  type NodeRegistration,
  type NodeSoftware,
  type NodeState,
  PROTOBUF_TYPE,
} from '../wire/api.js'
import { type Completion, encodeCompletions } from '../wire/completion.js'
import { checkHash } from '../work/work-context.js'

export interface NodeApiOptions {
  /** Of the server: `https://play.example.com`. */
  readonly server: string
  readonly identity: NodeIdentity
  readonly clock: Clock
  readonly fetch?: typeof fetch
  /** Default: the engine of this package. */
  readonly software?: Partial<NodeSoftware>
}

/** A server that says nothing for so long, beyond what it was asked to wait, is taken for dead. */
const ANSWER_MS_MAX = 30_000

/**
 * A node's requests, signed. They reject with a TerraneError: the server's own code, or `server_unreachable`; `retry`
 * says whether the same can be right later.
 */
export class NodeApi {
  readonly #server: URL
  readonly #identity: NodeIdentity
  readonly #clock: Clock
  readonly #fetch: typeof fetch
  readonly #software: NodeSoftware
  /** Of the server's clock from ours, ms; found when the two differ too much. */
  #offset = 0

  constructor({ server, identity, clock, software, ...options }: NodeApiOptions) {
    this.#server = new URL(server)
    this.#identity = identity
    this.#clock = clock
    this.#software = { engine: ENGINE_VERSION, version: 'unknown', ...software }
    this.#fetch = options.fetch ?? globalThis.fetch.bind(globalThis)
  }

  get publicKey(): string {
    return this.#identity.publicKey
  }

  register(registration: NodeRegistration): Promise<NodeState> {
    return this.#json('PUT', NODE_PATHS.me, registration)
  }

  /** How the server knows this node. */
  state(): Promise<NodeState> {
    return this.#json('GET', NODE_PATHS.me)
  }

  /** What the server holds for claimed by this node. */
  work(): Promise<Assignments> {
    return this.#json('GET', NODE_PATHS.work)
  }

  /** Rejects with `node_outdated` when this node has to be updated before it gets work. */
  claim(request: Omit<ClaimRequest, 'software'>, signal?: AbortSignal): Promise<Assignments> {
    const claim: ClaimRequest = { ...request, software: this.#software }
    return this.#json('POST', NODE_PATHS.claim, claim, request.waitMs, signal)
  }

  heartbeat(request: HeartbeatRequest): Promise<HeartbeatAnswer> {
    return this.#json('POST', NODE_PATHS.heartbeat, request)
  }

  async complete(completions: readonly Completion[]): Promise<CompletionAnswer> {
    const response = await this.#send('POST', NODE_PATHS.complete, encodeCompletions(completions), PROTOBUF_TYPE)
    // 409 and 410 tell of single chunks: they are an answer, not a failure.
    if (response.ok || response.status === 409 || response.status === 410) {
      const answer = (await response.json()) as Partial<CompletionAnswer>
      if (answer.outcomes !== undefined) return answer as CompletionAnswer
      throw refusalOf(response.status, answer)
    }
    throw refusalOf(response.status, await bodyOf(response))
  }

  async fail(failure: ChunkFailure): Promise<void> {
    await this.#json('POST', NODE_PATHS.fail, failure)
  }

  async leave(): Promise<void> {
    await this.#json('POST', NODE_PATHS.leave, {})
  }

  /** What all chunks of a job share, as text whose hash it is. */
  async context(jobId: string, hash: string, claimToken: string): Promise<string> {
    const text = await this.#text(contextPath(jobId, hash, claimToken))
    await checkHash(text, hash, 'work context')
    return text
  }

  /** The tables of the game, as text whose hash it is. */
  async gameData(hash: string): Promise<string> {
    const text = await this.#text(gameDataPath(hash))
    await checkHash(text, hash, 'game data')
    return text
  }

  async #text(target: string): Promise<string> {
    const response = await this.#send('GET', target)
    if (!response.ok) throw refusalOf(response.status, await bodyOf(response))
    return response.text()
  }

  async #json<T>(method: string, target: string, body?: unknown, waitMs = 0, signal?: AbortSignal): Promise<T> {
    const bytes = body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(body))
    const response = await this.#send(method, target, bytes, 'application/json', waitMs, signal)
    if (!response.ok) throw refusalOf(response.status, await bodyOf(response))
    return (await response.json()) as T
  }

  async #send(
    method: string,
    target: string,
    body?: Uint8Array,
    type = 'application/json',
    waitMs = 0,
    signal?: AbortSignal,
  ): Promise<Response> {
    for (let isAgain = false; ; isAgain = true) {
      const response = await this.#sendOnce(method, target, body, type, waitMs, signal)
      if (isAgain || response.status !== 401 || !(await this.#adoptClock(response))) return response
    }
  }

  async #sendOnce(
    method: string,
    target: string,
    body: Uint8Array | undefined,
    type: string,
    waitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    const now = this.#clock.now() + this.#offset
    const request = { method, host: this.#server.host, target, body: body ?? new Uint8Array() }
    const headers = await signRequest(this.#identity, request, now)
    const patience = AbortSignal.timeout(waitMs + ANSWER_MS_MAX)
    try {
      return await this.#fetch(new URL(target, this.#server), {
        method,
        headers: body === undefined ? headers : { ...headers, 'content-type': type },
        signal: signal === undefined ? patience : AbortSignal.any([signal, patience]),
        ...(body === undefined ? {} : { body: new Uint8Array(body) }),
      })
    } catch (error) {
      const why = error instanceof Error ? messageOf(error.cause ?? error) : messageOf(error)
      throw new TerraneError('server_unreachable', `${this.#server.origin} does not answer: ${why}`, {
        retry: 'later',
        hint: 'Is the address right, and does the server run?',
        cause: error,
      })
    }
  }

  /** Goes by the server's clock from now on when that is why it refused. */
  async #adoptClock(response: Response): Promise<boolean> {
    const { code } = (await bodyOf(response.clone())) as { code?: string }
    const theirs = Date.parse(response.headers.get('date') ?? '')
    if (code !== 'signature_skew' || Number.isNaN(theirs)) return false
    // The header counts whole seconds; a request that seems to come from before the server's start is refused.
    this.#offset = theirs + 1_000 - this.#clock.now()
    return true
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  return response.json().catch(() => ({}))
}

function refusalOf(status: number, body: unknown): TerraneError {
  const { code, message, hint } = body as { code?: unknown; message?: unknown; hint?: unknown }
  return new TerraneError(
    typeof code === 'string' ? code : `http_${status}`,
    typeof message === 'string' ? message : `the server answered ${status}`,
    {
      retry: status >= 500 || status === 429 || status === 408 ? 'later' : 'never',
      ...(typeof hint === 'string' ? { hint } : {}),
    },
  )
}
