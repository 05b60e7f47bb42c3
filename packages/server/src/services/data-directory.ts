import { resolve } from 'node:path'
import { assert } from '@terrane/core'
import { DataLock } from '../process/data-lock.js'
import { keptSecret } from '../process/secret.js'
import type { Service } from '../process/service.js'

/** The directory in which this server, and no other, keeps its files. */
export class DataDirectory implements Service {
  readonly doing = 'taking the data directory'
  readonly failing = 'the data directory cannot be used'
  readonly path: string
  #lock: DataLock | undefined

  constructor(path: string) {
    this.path = resolve(path)
  }

  /** Signs guests' tokens; made on the first start. */
  secret(): string {
    assert(this.#lock !== undefined, 'the data directory has not been taken yet')
    return keptSecret(this.path)
  }

  async run(): Promise<void> {
    this.#lock = DataLock.take(this.path)
  }

  announce(url: string): void {
    this.#lock?.announce(url)
  }

  async stop(): Promise<void> {
    this.kill()
  }

  kill(): void {
    this.#lock?.release()
    this.#lock = undefined
  }
}
