import type { WorldDescriptor } from '../world/descriptor.js'
import { BrowserMemory } from './browser-memory.js'
import { ClientLink } from './client-link.js'
import type { LiveLink } from './live-link.js'
import type { Entry } from './session.js'

export interface OpenOptions {
  /** Default: the world's first. */
  readonly zone: string | undefined
  /** Whether one enters the world with the first input, and not at once. */
  readonly watch: boolean
}

/** The server from which the page was loaded: what it offers over HTTP, and how to connect to its world. */
export class ServerApi {
  readonly memory = new BrowserMemory()
  readonly #base: string
  /** Of whoever came in with one. */
  #token: string | undefined

  /** @param base where the page was loaded from, without a slash at its end */
  constructor(base: string) {
    this.#base = base
  }

  get address(): string {
    return this.#base
  }

  get urls(): { readonly stats: string; readonly galaxy: string } {
    return { stats: `${this.#base}/api/stats`, galaxy: `${this.#base}/api/galaxy` }
  }

  async world(): Promise<WorldDescriptor> {
    const response = await fetch(`${this.#base}/api/world`, { cache: 'no-store' })
    if (!response.ok) throw new Error(`the server answered ${response.status} when asked for its world`)
    return (await response.json()) as WorldDescriptor
  }

  /** The token of whoever is here: theirs, else the guest's, who is made when there is none. */
  readonly bearer = async (): Promise<string> => {
    const kept = this.#token ?? this.memory.guestToken.getItem()
    if (kept !== null) return kept
    const response = await fetch(`${this.#base}/api/guest`, { method: 'POST' })
    if (!response.ok) throw new Error('this server has no guests: come in with a token first, on the page “Live”')
    const { token } = (await response.json()) as { token: string }
    this.memory.guestToken.setItem('', token)
    return token
  }

  open(world: WorldDescriptor, entry: Entry, { zone = world.zones[0] ?? 'main', watch }: OpenOptions): LiveLink {
    if (entry.as === 'holder') this.#token = entry.token
    const credentials =
      entry.as === 'guest' ? { guest: true, remember: this.memory.guestToken } : { token: entry.token }
    return new ClientLink({ address: this.#base, world, zone, watch, credentials, client: this.memory.tabName })
  }
}
