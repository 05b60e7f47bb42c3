import type { CacheLayer } from './ports.js'

const STORE = 'entries'
const VERSION = 1

/** Keeps entries in a browser's IndexedDB; tabs and workers of one origin share them. */
export class IndexedDbLayer implements CacheLayer {
  readonly #factory: IDBFactory
  readonly #name: string
  #opening: Promise<IDBDatabase> | undefined

  /** @param name of the database */
  constructor(factory: IDBFactory, name = 'terrane-game-data') {
    this.#factory = factory
    this.#name = name
  }

  async read(checksum: string, key: string): Promise<string | undefined> {
    const found = await this.#run('readonly', (store) => store.get([checksum, key]))
    return typeof found === 'string' ? found : undefined
  }

  async write(checksum: string, key: string, text: string): Promise<void> {
    await this.#run('readwrite', (store) => store.put(text, [checksum, key]))
  }

  async remove(checksum: string, key: string): Promise<void> {
    await this.#run('readwrite', (store) => store.delete([checksum, key]))
  }

  async retain(checksums: readonly string[]): Promise<void> {
    const keys = (await this.#run('readonly', (store) => store.getAllKeys())) as [string, string][]
    for (const [checksum, key] of keys) if (!checksums.includes(checksum)) await this.remove(checksum, key)
  }

  async close(): Promise<void> {
    const database = await this.#opening
    this.#opening = undefined
    database?.close()
  }

  async #run<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const transaction = (await this.#database()).transaction(STORE, mode)
    const request = ask(transaction.objectStore(STORE))
    return new Promise((resolve, reject) => {
      // Only then it is kept.
      transaction.oncomplete = () => resolve(request.result)
      transaction.onabort = () => reject(transaction.error)
      transaction.onerror = () => reject(transaction.error)
    })
  }

  #database(): Promise<IDBDatabase> {
    this.#opening ??= new Promise<IDBDatabase>((resolve, reject) => {
      const request = this.#factory.open(this.#name, VERSION)
      request.onupgradeneeded = () => request.result.createObjectStore(STORE)
      request.onsuccess = () => {
        // Another tab with a newer version must not wait for this one.
        request.result.onversionchange = () => void this.close()
        resolve(request.result)
      }
      request.onerror = () => reject(request.error)
    }).catch((error: unknown) => {
      // The next call tries again.
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }
}
