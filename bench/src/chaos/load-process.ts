/** The players of the chaos test, in a process of their own. */
import { Prng } from '@terrane/core'
import { childOptions } from '../child.js'
import { type LoadOptions, serveLoad } from './load.js'
import { joinWorld } from './world-player.js'

export interface WorldLoadOptions extends LoadOptions {
  readonly url: string
  readonly seed: string
}

const options = childOptions<WorldLoadOptions>()
const random = new Prng(`load ${options.seed}`)
await serveLoad(options, (index) => joinWorld(options.url, random.fork(`player ${index}`)))
