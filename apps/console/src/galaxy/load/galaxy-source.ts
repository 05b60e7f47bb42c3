import { Store } from '../../app/store.js'
import { type Galaxy, galaxyOf } from '../model/galaxy.js'
import type { LoadReport, LoadRequest } from './load-worker.js'
import type { UniverseSeed } from './universe-seed.js'

export type Failure = Extract<LoadReport, { state: 'failed' }>

export type SourceState =
  /** Nothing to show yet, and nothing under way. */
  | { readonly state: 'none' }
  | { readonly state: 'loading'; readonly doing: string; readonly share: number | undefined }
  | Failure
  | { readonly state: 'ready'; readonly galaxy: Galaxy; readonly origin: string }

/** Where the galaxy on the map comes from: the server, a file, or a seed. */
export class GalaxySource {
  readonly state = new Store<SourceState>({ state: 'none' })
  readonly #serverUrl: string
  #worker: Worker | undefined
  #loaded: string | undefined

  /** @param serverUrl of the endpoint that serves the world's galaxy */
  constructor(serverUrl: string) {
    this.#serverUrl = serverUrl
  }

  /** The universe of a seed, or what the server has; nothing when that is there already. */
  show(seed: UniverseSeed | undefined): void {
    const wanted = seed === undefined ? 'server' : `seed ${JSON.stringify(seed)}`
    // A file that was opened is shown until a link says otherwise.
    if (wanted === this.#loaded || (seed === undefined && this.#loaded === 'file')) return
    this.#loaded = wanted
    if (seed === undefined) this.#load({ from: 'server', url: this.#serverUrl }, 'this server')
    else this.#load({ from: 'seed', seed }, `seed ${seed.seed}`)
  }

  open(file: File): void {
    this.#loaded = 'file'
    this.#load({ from: 'file', file }, file.name)
  }

  #load(request: LoadRequest, origin: string): void {
    this.#worker?.terminate()
    this.state.set({ state: 'loading', doing: 'Starting', share: undefined })
    const worker = new Worker(new URL('./load-worker.ts', import.meta.url), { type: 'module', name: 'galaxy-load' })
    this.#worker = worker
    worker.onmessage = ({ data }: MessageEvent<LoadReport>) => {
      if (data.state === 'working') {
        this.state.set({ state: 'loading', doing: data.doing, share: data.share })
        return
      }
      worker.terminate()
      if (data.state === 'done') this.state.set({ state: 'ready', galaxy: galaxyOf(data.chart), origin })
      else this.state.set(data)
    }
    worker.onerror = (event) => {
      worker.terminate()
      const message = event.message || 'the part of the page that reads galaxies could not be started'
      this.state.set({ state: 'failed', message, hint: 'load the page again', problems: [] })
    }
    worker.postMessage(request)
  }
}
