// Runs on the thread that loads modules: puts a mutant in the place of the code it stands for.
import type { InitializeHook, LoadHook } from 'node:module'
import type { Mutant } from './mutants.js'

let mutant: Pick<Mutant, 'module' | 'from' | 'to'>

export const initialize: InitializeHook<typeof mutant> = (given) => {
  mutant = given
}

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context)
  if (!url.endsWith(`/${mutant.module}`)) return loaded
  const source = loaded.source instanceof Uint8Array ? new TextDecoder().decode(loaded.source) : String(loaded.source)
  const places = source.split(mutant.from).length - 1
  if (places !== 1) throw new Error(`a mutant of ${mutant.module} fits ${places} times, not once: ${mutant.from}`)
  return { ...loaded, source: source.replace(mutant.from, () => mutant.to) }
}
