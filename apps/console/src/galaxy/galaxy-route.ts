import type { UniverseSeed } from './load/universe-seed.js'
import type { Target } from './model/target.js'

/** What the address says after its `#`. */
export interface GalaxyRoute {
  readonly target: Target | undefined
  /** The universe to generate; without it, what the server has or what was opened. */
  readonly seed: UniverseSeed | undefined
}

const ROOT = '#/galaxy'
const LIMITS = { regions: [0, 500], sectors: [100, 1_500] } as const

/** `#/galaxy/region-7/412?seed=42&regions=50&sectors=1100`; undefined when the address is of another page. */
export function parseRoute(hash: string): GalaxyRoute | undefined {
  const [path = '', query = ''] = hash.split('?', 2)
  if (path !== ROOT && !path.startsWith(`${ROOT}/`)) return undefined
  const parts = path
    .slice(ROOT.length + 1)
    .split('/')
    .filter((part) => part !== '')
  return { target: targetOf(parts.map(decoded)), seed: seedOf(new URLSearchParams(query)) }
}

export function formatRoute({ target, seed }: GalaxyRoute): string {
  const path = [ROOT, ...partsOf(target).map(encodeURIComponent)].join('/')
  if (seed === undefined) return path
  const query = new URLSearchParams({
    seed: seed.seed,
    regions: String(seed.regions),
    sectors: String(seed.sectors),
  })
  return `${path}?${query}`
}

function targetOf([region, second, name]: readonly string[]): Target | undefined {
  if (region === undefined) return undefined
  if (second === undefined) return { kind: 'region', region }
  if ((second === 'cluster' || second === 'formation') && name !== undefined) return { kind: second, region, name }
  return /^\d{1,5}$/.test(second) ? { kind: 'sector', region, number: Number(second) } : { kind: 'region', region }
}

function partsOf(target: Target | undefined): string[] {
  if (target === undefined) return []
  if (target.kind === 'region') return [target.region]
  if (target.kind === 'sector') return [target.region, String(target.number)]
  return [target.region, target.kind, target.name]
}

function seedOf(query: URLSearchParams): UniverseSeed | undefined {
  const seed = query.get('seed')
  if (seed === null || seed === '') return undefined
  const number = (name: keyof typeof LIMITS, otherwise: number) => {
    const value = Number(query.get(name) ?? otherwise)
    const [least, most] = LIMITS[name]
    return Number.isInteger(value) ? Math.min(most, Math.max(least, value)) : otherwise
  }
  return { seed, regions: number('regions', 6), sectors: number('sectors', 600) }
}

/** Whoever typed the address may have left a percent sign in it. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
