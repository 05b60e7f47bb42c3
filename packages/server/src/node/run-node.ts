import { availableParallelism } from 'node:os'
import { systemClock, systemTimers, TerraneError } from '@terrane/core'
import { type AgentEvent, NodeAgent, NodeApi, type NodeState } from '@terrane/node'
import { createThreadPool } from '@terrane/node/threads'
import { CommandFailure } from '../process/failure.js'
import { handleSignals } from '../process/signals.js'
import { version } from '../process/version.js'
import { keptIdentity } from './key-file.js'

export interface NodeOptions {
  readonly server: string
  readonly claimToken?: string
  readonly cores: number
  readonly name: string
  /** File of the key. */
  readonly key: string
  /** s */
  readonly grace: number
  readonly json: boolean
}

/** How often a person is told how it goes. */
const SUMMARY_MS = 10_000

/** Works until a signal ends it. */
export async function runNode(options: NodeOptions): Promise<void> {
  checkServer(options.server)
  const identity = await keptIdentity(options.key)
  const software = { version: version() }
  const api = new NodeApi({ server: options.server, identity, clock: systemClock, software })
  const state = await introduce(api, options)
  const say = options.json ? sayJson : (text: string) => process.stdout.write(`${text}\n`)
  const summary = new Summary()
  const workers = createThreadPool(Math.min(options.cores, state.capacity))
  const agent = new NodeAgent({
    api,
    workers,
    clock: systemClock,
    timers: systemTimers,
    random: Math.random,
    onEvent: (event) => {
      summary.add(event)
      if (options.json) process.stdout.write(`${JSON.stringify(event)}\n`)
      else if (event.type === 'waiting') say(`waiting ${Math.ceil(event.delayMs / 1000)} s: ${event.message}`)
      else if (event.type === 'failed') say(`a chunk failed: ${event.message}`)
    },
  })
  let drained: Promise<void> | undefined
  const releaseSignals = handleSignals({
    onFirst: () => {
      say('ending: finishing what is under way (Ctrl-C again ends at once)')
      drained = agent.drain(options.grace * 1_000)
    },
    onAgain: () => process.exit(130),
  })
  const telling = setInterval(() => {
    if (!options.json) say(summary.take(SUMMARY_MS))
  }, SUMMARY_MS)
  say(`Node ${state.publicKey} ("${state.name}") computes for ${options.server} on ${workers.size} cores`)
  try {
    await agent.run(state)
    await drained
  } catch (error) {
    throw refusal(error, options)
  } finally {
    clearInterval(telling)
    releaseSignals()
    workers.close()
  }
  say('ended')
}

function sayJson(text: string): void {
  process.stdout.write(`${JSON.stringify({ type: 'message', text })}\n`)
}

/** Registers with a token, or asks how the server knows this node. */
async function introduce(api: NodeApi, { claimToken, name, cores, ...options }: NodeOptions): Promise<NodeState> {
  const totalCores = Math.max(cores, availableParallelism())
  try {
    if (claimToken === undefined) return await api.state()
    const platform = `${process.platform}-${process.arch}`
    return await api.register({ claimToken, name, totalCores, maxParallel: cores, platform, version: version() })
  } catch (error) {
    throw refusal(error, options)
  }
}

function checkServer(server: string): void {
  if (URL.canParse(server) && /^https?:$/.test(new URL(server).protocol)) return
  throw new CommandFailure('invalid_server', {
    what: `--server ${server} cannot be used`,
    why: 'it is no URL of http or https',
    next: 'give one such as https://play.example.com or http://127.0.0.1:4000',
  })
}

function refusal(error: unknown, { server }: { server: string }): unknown {
  if (!(error instanceof TerraneError)) return error
  return new CommandFailure(error.code, {
    what: `this node cannot work for ${server}`,
    why: error.message,
    next: error.hint ?? 'ask the owner of the server; its log says more',
    cause: error,
  })
}

class Summary {
  #chunks = 0
  #units = 0
  #refused = 0

  add(event: AgentEvent): void {
    if (event.type !== 'completed') return
    if (event.outcome === 'accepted') {
      this.#chunks++
      this.#units += event.units
    } else this.#refused++
  }

  take(ms: number): string {
    const perSecond = Math.round((this.#units * 1_000) / ms).toLocaleString('en')
    const text = `${this.#chunks} chunks, ${perSecond} fights/s, ${this.#refused} not wanted any more`
    this.#chunks = 0
    this.#units = 0
    this.#refused = 0
    return text
  }
}
