import { messageOf, TerraneError } from '@terrane/core'
import { clientError } from '../errors.js'

export type TokenSource = string | (() => string | Promise<string>)

/** The part of localStorage that is used. */
export interface TokenStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

export interface CredentialOptions {
  /** A JWT, or a function that gives one; it is called before every attempt, so it may refresh. */
  readonly token?: TokenSource
  /** Play as a new guest, where the server allows it. */
  readonly guest?: boolean
  /** Where a guest's token is kept, so that the same player returns; `false`: nowhere. Default: localStorage, if any. */
  readonly remember?: TokenStorage | false
  readonly fetch?: typeof globalThis.fetch
}

/** Gives the token for each attempt to connect. */
export class Credentials {
  readonly #options: CredentialOptions
  readonly #base: string
  readonly #storage: TokenStorage | undefined
  #guestToken: string | undefined
  #fromStorage = false

  /** @param base the server's HTTP address, without a slash at its end */
  constructor(base: string, options: CredentialOptions) {
    if (options.token !== undefined && options.guest === true) {
      throw new TerraneError('invalid_options', 'give either `token` or `guest`, not both')
    }
    this.#base = base
    this.#options = options
    this.#storage = options.remember === false ? undefined : (options.remember ?? browserStorage())
  }

  /** @throws TerraneError `no_token` with `retry: 'later'`, or what the server answered. */
  async token(): Promise<string | undefined> {
    const { token, guest } = this.#options
    if (guest === true) return this.#guest()
    if (typeof token !== 'function') return token
    try {
      return await token()
    } catch (thrown) {
      throw thrown instanceof TerraneError ? thrown : clientError('no_token', messageOf(thrown), thrown)
    }
  }

  /**
   * The server did not take the token. Whether another one may be had: from the function; or, for a
   * guest whose remembered token has expired before the game began, by becoming a new guest.
   */
  refused(wasOnline: boolean): boolean {
    if (this.#options.guest !== true) return typeof this.#options.token === 'function'
    if (wasOnline || !this.#fromStorage) return false
    this.#guestToken = undefined
    this.#fromStorage = false
    this.#storage?.removeItem(this.#storageKey)
    return true
  }

  get #storageKey(): string {
    return `terrane:guest:${this.#base}`
  }

  async #guest(): Promise<string> {
    if (this.#guestToken !== undefined) return this.#guestToken
    const kept = this.#storage?.getItem(this.#storageKey) ?? undefined
    if (kept !== undefined) {
      this.#fromStorage = true
      this.#guestToken = kept
      return kept
    }
    const token = await this.#newGuest()
    this.#guestToken = token
    this.#storage?.setItem(this.#storageKey, token)
    return token
  }

  async #newGuest(): Promise<string> {
    const fetch = this.#options.fetch ?? globalThis.fetch
    let response: Response
    try {
      response = await fetch(`${this.#base}/api/guest`, { method: 'POST' })
    } catch (thrown) {
      throw clientError('no_token', `POST ${this.#base}/api/guest: ${messageOf(thrown)}`, thrown)
    }
    const body = (await response.json().catch(() => undefined)) as { token?: unknown } | undefined
    if (response.ok && typeof body?.token === 'string') return body.token
    // 4xx: guests are not allowed here, and asking again will not help; 429 and 5xx pass.
    const final = response.status >= 400 && response.status < 500 && response.status !== 429
    throw new TerraneError('no_token', `POST ${this.#base}/api/guest answered ${response.status}`, {
      retry: final ? 'never' : 'later',
      ...(final ? { hint: 'Guest tokens exist in development only; pass `token`.' } : {}),
    })
  }
}

/** Undefined outside browsers, and where the user forbids storage: reading the property then throws. */
function browserStorage(): TokenStorage | undefined {
  try {
    // Node ≥ 22 has a localStorage too; a window makes a browser.
    return typeof window === 'undefined' ? undefined : window.localStorage
  } catch {
    return undefined
  }
}
