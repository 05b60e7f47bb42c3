import { messageOf, TerraneError } from '@terrane/core'
import {
  checkUniverse,
  generateRegion,
  type Problem,
  type Region,
  readStarChart,
  regionRequests,
  type StarChart,
  starChartOf,
  type Universe,
} from '@terrane/world-frontier/galaxy'
import { config } from 'zod'
import type { UniverseSeed } from './universe-seed.js'

/** What the worker is asked for. */
export type LoadRequest =
  | { readonly from: 'seed'; readonly seed: UniverseSeed }
  | { readonly from: 'file'; readonly file: File }
  | { readonly from: 'server'; readonly url: string }

/** What it answers: how far it is, then one of the others. */
export type LoadReport =
  | { readonly state: 'working'; readonly doing: string; readonly share: number | undefined }
  | { readonly state: 'done'; readonly chart: StarChart }
  /** The server has no galaxy. */
  | { readonly state: 'none' }
  | {
      readonly state: 'failed'
      readonly message: string
      readonly hint: string | undefined
      readonly problems: readonly Problem[]
    }

/** The page's content security policy forbids making code from text, which is zod's fast way. */
config({ jitless: true })

self.onmessage = async ({ data }: MessageEvent<LoadRequest>) => {
  try {
    tell(await load(data))
  } catch (thrown) {
    const hint = thrown instanceof TerraneError ? thrown.hint : undefined
    tell({ state: 'failed', message: messageOf(thrown), hint, problems: [] })
  }
}

function tell(report: LoadReport): void {
  self.postMessage(report)
}

function load(request: LoadRequest): Promise<LoadReport> {
  if (request.from === 'seed') return generate(request.seed)
  return request.from === 'file' ? read(request.file) : ask(request.url)
}

async function generate({ seed, regions, sectors }: UniverseSeed): Promise<LoadReport> {
  const requests = regionRequests({ seed, regions, sectors, nexus: true })
  const made: Region[] = []
  for (const request of requests) {
    tell({ state: 'working', doing: `Generating ${request.name}`, share: made.length / requests.length })
    made.push(generateRegion(request))
  }
  const universe: Universe = { format: 'terrane-universe', version: 1, seed, regions: made }
  return { state: 'done', chart: starChartOf(universe) }
}

async function read(file: File): Promise<LoadReport> {
  tell({ state: 'working', doing: `Reading ${file.name}`, share: undefined })
  const text = await file.text()
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new TerraneError('universe_no_json', `${file.name} is no JSON: ${messageOf(cause)}`, {
      hint: 'choose a file such as terrane galaxy generate --out writes',
    })
  }
  tell({ state: 'working', doing: `Checking ${file.name}`, share: undefined })
  const problems = checkUniverse(value)
  if (problems.length === 0) return { state: 'done', chart: starChartOf(value as Universe) }
  const message = `${file.name} is no valid universe`
  return { state: 'failed', message, hint: 'correct what is named below, or choose another file', problems }
}

async function ask(url: string): Promise<LoadReport> {
  tell({ state: 'working', doing: 'Asking the server for its galaxy', share: undefined })
  const response = await fetch(url)
  if (response.status === 404) return { state: 'none' }
  if (!response.ok) {
    throw new TerraneError('galaxy_not_served', `the server answered ${response.status} when asked for its galaxy`, {
      hint: 'try again, or open a universe file',
    })
  }
  return { state: 'done', chart: readStarChart(await response.json()) }
}
