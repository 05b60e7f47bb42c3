import { Store } from '../app/store.js'
import { failureOf } from './input-feed.js'
import type { LiveLink } from './live-link.js'

/** As whom this page is here. */
export type Identity =
  | { readonly state: 'watching' }
  | { readonly state: 'joining' }
  | { readonly state: 'playing' }
  /** No way in as a guest: a token is needed. */
  | { readonly state: 'refused'; readonly message: string; readonly needsToken: boolean }

export type Entry = { readonly as: 'guest' } | { readonly as: 'holder'; readonly token: string }

export type OpenLink = (entry: Entry, zone?: string) => LiveLink

/** Time for the first state to arrive before the map changes over. */
const FIRST_STATE_MS = 250

/** Watches first, plays when asked. */
export class Session {
  /** What the page shows. */
  readonly link = new Store<LiveLink | undefined>(undefined)
  readonly identity = new Store<Identity>({ state: 'watching' })
  readonly #open: OpenLink
  /** As whom `link` was opened. */
  #entry: Entry = { as: 'guest' }
  readonly #guests: boolean

  constructor(open: OpenLink, guests: boolean) {
    this.#open = open
    this.#guests = guests
  }

  /** Shows the world through a guest's eyes, without touching anything. */
  watch(): void {
    if (!this.#guests) {
      this.identity.set({ state: 'refused', message: '', needsToken: true })
      return
    }
    this.link.get()?.close()
    this.#entry = { as: 'guest' }
    this.link.set(this.#open(this.#entry))
    this.identity.set({ state: 'watching' })
  }

  /** Takes the guest's place in the world, or comes in with a token. Resolves with whether it went well. */
  async play(token?: string): Promise<boolean> {
    const { state } = this.identity.get()
    if (state === 'joining' || state === 'playing') return state === 'playing'
    const before = this.link.get()
    const entry: Entry = token === undefined ? this.#entry : { as: 'holder', token }
    const link = token === undefined ? before : this.#open(entry)
    if (link === undefined) return false
    this.identity.set({ state: 'joining' })
    try {
      await online(link)
    } catch (thrown) {
      if (link !== before) link.close()
      const { code, message } = failureOf(thrown)
      this.identity.set({ state: 'refused', message, needsToken: code === 'no_token' || code === 'unauthorized' })
      return false
    }
    link.plays.set(true)
    this.#entry = entry
    this.link.set(link)
    this.identity.set({ state: 'playing' })
    if (link !== before) before?.close()
    return true
  }

  /** Another zone through the same eyes, for whoever closes it. Call when `link` knows its player: a guest is made once. */
  beside(zone: string): LiveLink {
    return this.#open(this.#entry, zone)
  }
}

async function online(link: LiveLink): Promise<void> {
  if (link.status.get().state === 'online') return
  await new Promise<void>((resolve, reject) => {
    const look = () => {
      const { state, reason, code } = link.status.get()
      if (state === 'online') resolve()
      else if (state === 'closed') reject(Object.assign(new Error(reason ?? 'the server refused'), { code }))
      else return
      stop()
    }
    const stop = link.status.subscribe(look)
    look()
  })
  await new Promise((resolve) => setTimeout(resolve, FIRST_STATE_MS))
}
