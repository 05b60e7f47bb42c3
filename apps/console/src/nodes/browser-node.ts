import type { NodeAgent } from '@terrane/node'
import { Store } from '../app/store.js'
import type { JobsApi } from '../jobs/jobs-api.js'
import { failureOf } from '../live/input-feed.js'

export type BrowserNodeState =
  | { readonly state: 'off' }
  | { readonly state: 'starting' }
  | { readonly state: 'on'; readonly publicKey: string }
  | { readonly state: 'stopping' }
  | { readonly state: 'failed'; readonly message: string }

export interface BrowserNodeWork {
  readonly chunks: number
  readonly fights: number
}

/** How long what is under way may take when the node is switched off; the rest goes back to the server. */
const GRACE_MS = 10_000

/** This browser as a node: computes chunks in Web Workers for as long as the page is open and it is on. */
export class BrowserNode {
  readonly state = new Store<BrowserNodeState>({ state: 'off' })
  readonly work = new Store<BrowserNodeWork>({ chunks: 0, fights: 0 })
  readonly #api: JobsApi
  #agent: NodeAgent | undefined

  constructor(api: JobsApi) {
    this.#api = api
  }

  /** @param cores workers to compute with */
  async start(cores: number): Promise<void> {
    const { state } = this.state.get()
    if (state !== 'off' && state !== 'failed') return
    this.state.set({ state: 'starting' })
    try {
      // With the simulation it is large: loaded by those who want it.
      const { startWebNode } = await import('./web-node.js')
      const { agent, publicKey, ended } = await startWebNode(this.#api, cores, (fights) =>
        this.work.update((done) => ({ chunks: done.chunks + 1, fights: done.fights + fights })),
      )
      this.#agent = agent
      this.state.set({ state: 'on', publicKey })
      await ended
      this.state.set({ state: 'off' })
    } catch (thrown) {
      this.state.set({ state: 'failed', message: failureOf(thrown).message })
    } finally {
      this.#agent = undefined
    }
  }

  /** Finishes what is under way. */
  async stop(): Promise<void> {
    if (this.#agent === undefined) return
    this.state.set({ state: 'stopping' })
    await this.#agent.drain(GRACE_MS)
  }
}
