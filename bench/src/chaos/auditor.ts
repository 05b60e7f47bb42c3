import { type Client, connect } from '@terrane/client'
import type { Audit } from './audit.js'
import type { ChaosWorld } from './world.js'

/** A client that lets the world look at itself after every recovery. */
export class Auditor {
  readonly #client: Client<ChaosWorld>

  private constructor(client: Client<ChaosWorld>) {
    this.#client = client
  }

  static async join(url: string): Promise<Auditor> {
    const reconnect = { baseMs: 20, capMs: 200 }
    const options = { guest: true, presence: false, reconnect, focus: { mode: 'none' as const }, timeoutMs: 60_000 }
    return new Auditor(await connect<ChaosWorld>(url, options))
  }

  /** Waits for the server when it is away. */
  async audit(): Promise<Audit> {
    for (;;) {
      // Nothing, when the answer was lost with the server.
      const found = (await this.#client.inputs.audit({}).durable) as Audit | undefined
      if (found !== undefined) return found
    }
  }

  async close(): Promise<void> {
    await this.#client.close()
  }
}
