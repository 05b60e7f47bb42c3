import { createIdentity, type NodeIdentity } from '../signature/identity.js'
import type { WorkerAnswer } from '../workers/tasks.js'
import { WorkerPool } from '../workers/worker-pool.js'

/**
 * A pool of Web Workers. @param start makes one from `@terrane/node/web-worker`, as the page's bundler wants it written:
 * `() => new Worker(new URL('@terrane/node/web-worker', import.meta.url), { type: 'module' })`
 */
export function createWebPool(size: number, start: () => Worker): WorkerPool {
  return new WorkerPool(size, (onAnswer, onEnd) => {
    const worker = start()
    worker.onmessage = (event: MessageEvent<WorkerAnswer>) => onAnswer(event.data)
    worker.onerror = (event) => {
      worker.terminate()
      onEnd(event.message)
    }
    return { post: (task) => worker.postMessage(task), terminate: () => worker.terminate() }
  })
}

const STORE = 'identity'
const KEY = 'node'

/**
 * This browser's key as a node, from IndexedDB; made when there is none. The private half cannot be read, not by the
 * page either.
 */
export async function browserIdentity(database = 'terrane-node'): Promise<NodeIdentity> {
  const db = await openDatabase(database)
  try {
    const found = await answerOf<NodeIdentity | undefined>(db.transaction(STORE).objectStore(STORE).get(KEY))
    if (found !== undefined) return found
    const identity = await createIdentity(false)
    const store = db.transaction(STORE, 'readwrite').objectStore(STORE)
    // Another tab may have been quicker: what is there first stays.
    await answerOf(store.add(identity, KEY)).catch((error: DOMException) => {
      if (error.name !== 'ConstraintError') throw error
    })
    const kept = db.transaction(STORE).objectStore(STORE).get(KEY)
    return await answerOf<NodeIdentity>(kept)
  } finally {
    db.close()
  }
}

/** Throws the key away: the node must be claimed anew. */
export async function forgetBrowserIdentity(database = 'terrane-node'): Promise<void> {
  const db = await openDatabase(database)
  try {
    await answerOf(db.transaction(STORE, 'readwrite').objectStore(STORE).delete(KEY))
  } finally {
    db.close()
  }
}

function openDatabase(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () => request.result.createObjectStore(STORE)
  return answerOf(request)
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
