import { type GalaxyRoute, parseRoute as parseGalaxyRoute } from '../galaxy/galaxy-route.js'

/** The page that the address asks for after its `#`. */
export type Route =
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
  return { page: hash === '#/nodes' ? 'nodes' : 'live' }
}

export function simulationHash(jobId: string): string {
  return `#/simulations/${jobId}`
}
