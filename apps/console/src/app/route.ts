import { type GalaxyRoute, parseRoute as parseGalaxyRoute } from '../galaxy/galaxy-route.js'

/** The page that the address asks for after its `#`. */
export type Route =
  /** The world's own page, where it has one; else the live map. */
  | { readonly page: 'home' }
  | { readonly page: 'live' }
  | { readonly page: 'galaxy'; readonly galaxy: GalaxyRoute }
  | { readonly page: 'simulations'; readonly jobId: string | undefined }
  | { readonly page: 'nodes' }

const SIMULATIONS = /^#\/simulations(?:\/([0-9a-f-]{36}))?$/

export function parseRoute(hash: string): Route {
  const galaxy = parseGalaxyRoute(hash)
  if (galaxy !== undefined) return { page: 'galaxy', galaxy }
  const simulations = SIMULATIONS.exec(hash)
  if (simulations !== null) return { page: 'simulations', jobId: simulations[1] }
  if (hash === '#/nodes') return { page: 'nodes' }
  return { page: hash === '#/live' ? 'live' : 'home' }
}

export function simulationHash(jobId: string): string {
  return `#/simulations/${jobId}`
}
