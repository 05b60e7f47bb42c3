import { TerraneError } from '@terrane/core'
import type { ZoneMapChange, ZoneMapInfo } from '@terrane/protocol'
import { Store } from '../app/store.js'
import { isOperatorToken } from './zone-map.js'

/** A change of the zone map. */
export type ZoneChange =
  | { readonly change: 'split'; readonly zone: string }
  | { readonly change: 'merge'; readonly zone: string; readonly into: string }

/** The zone map over HTTP. Rejects with a TerraneError: the server's own words. */
export class ZoneMapApi {
  /** An operator's token, once there is one; kept in this page only. */
  readonly operator = new Store<string | undefined>(undefined)
  readonly #server: string

  /** @param server where it is, without a slash at its end */
  constructor(server: string) {
    this.#server = server
  }

  read(): Promise<ZoneMapInfo> {
    return this.#json('')
  }

  /** Takes a token of whoever is here, when it is an operator's. */
  offer(token: string): boolean {
    if (!isOperatorToken(token)) return false
    this.operator.set(token)
    return true
  }

  async change({ change, ...body }: ZoneChange): Promise<ZoneMapChange> {
    return this.#json(`/${change}`, body)
  }

  async #json<T>(path: string, body?: object): Promise<T> {
    const token = this.operator.get()
    const response = await fetch(`${this.#server}/api/zone-map${path}`, {
      cache: 'no-store',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
    if (response.ok) return (await response.json()) as T
    const said = (await response.json().catch(() => ({}))) as { code?: string; message?: string; hint?: string }
    const message = said.message ?? `the server answered ${response.status}`
    // A token that is refused is no operator's.
    if (response.status === 401 || response.status === 403) this.operator.set(undefined)
    throw new TerraneError(said.code ?? 'bad_answer', message, said.hint === undefined ? {} : { hint: said.hint })
  }
}
