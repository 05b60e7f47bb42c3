import { beforeAll, describe, expect, test } from 'vitest'
import { generateUniverse } from '../galaxy/index.js'
import { checkUniverse } from './check-universe.js'
import type { FormationFile, RegionFile, UniverseFile } from './schema.js'

type Kind = FormationFile['kind']
type Of<K extends Kind> = Extract<FormationFile, { kind: K }>
type Mutation<K extends Kind> = (formation: Of<K>, region: RegionFile) => void

/** Valid, and with every kind of formation among its regions. */
let universe: UniverseFile

beforeAll(() => {
  universe = JSON.parse(JSON.stringify(generateUniverse({ seed: 'checked', sectors: 1_100, regions: 6 })))
  // Else every change would be found by the checksum alone.
  for (const region of universe.regions) delete region.generation
})

/** A copy of a region that has a formation of the kind, with that formation broken. */
function broken<K extends Kind>(kind: K, mutate: Mutation<K>): { problems: string; element: string } {
  const isWanted = (candidate: FormationFile): candidate is Of<K> => candidate.kind === kind
  const region = structuredClone(universe.regions.find(({ formations }) => formations.some(isWanted)))
  const formation = region?.formations.find(isWanted)
  if (region === undefined || formation === undefined) throw new Error(`no ${kind} in the universe`)
  const place = region.formations.indexOf(formation)
  mutate(formation, region)
  const problems = checkUniverse({ ...universe, regions: [region] })
  return {
    problems: problems.map(({ element, message }) => `${element}: ${message}`).join('\n'),
    element: `regions[0].formations[${place}]`,
  }
}

function addWarp({ warps }: RegionFile, from: number, to: number, twoWay = false): void {
  const [first, second] = twoWay && from > to ? [to, from] : [from, to]
  warps.push({ from: first, to: second, twoWay, latent: false, turns: 1 })
}

function cut(region: RegionFile, a: number, b: number): void {
  const isPair = ({ from, to }: { from: number; to: number }) => (from === a && to === b) || (from === b && to === a)
  region.warps = region.warps.filter((warp) => !isPair(warp))
}

function turn(region: RegionFile, from: number, to: number, twoWay: boolean): void {
  cut(region, from, to)
  addWarp(region, from, to, twoWay)
}

/** An ordinary sector far from everything in the region's list: the capital has no warp to a formation's inside. */
const elsewhere = ({ capital }: RegionFile) => capital

const inside = ({ interior }: FormationFile) => interior[0] as number

describe('a formation that is not what it says is found', () => {
  const cases: [string, () => ReturnType<typeof broken>, RegExp][] = [
    [
      'a bubble with a way out',
      () => broken('bubble', (f, r) => addWarp(r, inside(f), elsewhere(r))),
      /without passing/,
    ],
    [
      'a bubble with a way in',
      () => broken('bubble', (f, r) => addWarp(r, elsewhere(r), inside(f))),
      /without passing/,
    ],
    [
      'a bubble with a two-way backdoor',
      () => broken('backdoor', (f, r) => turn(r, f.anchor, f.into, true)),
      /leads back/,
    ],
    [
      'a bubble without a loop',
      () => broken('dead_end_bubble', (f) => Object.assign(f, { kind: 'bubble' })),
      /has no loop/,
    ],
    [
      'a dead-end bubble with a loop',
      () => broken('bubble', (f) => Object.assign(f, { kind: 'dead_end_bubble' })),
      /has a loop/,
    ],
    [
      'a bubble that has lost its gateway',
      () =>
        broken('bubble', (f, r) => {
          for (const sector of f.interior) cut(r, f.anchor, sector)
        }),
      /cannot (be reached from|reach) the gateway/,
    ],
    [
      'a dead-end bubble with a way out',
      () => broken('dead_end_bubble', (f, r) => addWarp(r, inside(f), elsewhere(r))),
      /without passing/,
    ],
    [
      'a tunnel with a side way',
      () => broken('tunnel', (f, r) => addWarp(r, inside(f), elsewhere(r))),
      /is joined to \d+ too/,
    ],
    ['a tunnel that is broken', () => broken('tunnel', (f, r) => cut(r, f.anchor, inside(f))), /is broken/],
    [
      'a tunnel of another direction',
      () => broken('tunnel', (f) => Object.assign(f, { oneWay: !f.oneWay })),
      /one-way/,
    ],
    ['a tunnel with one mouth', () => broken('tunnel', (f) => Object.assign(f, { farMouth: f.anchor })), /two mouths/],
    [
      'a dead end that goes on',
      () => broken('dead_end', (f, r) => addWarp(r, f.anchor, elsewhere(r), true)),
      /is joined to \d+ too/,
    ],
    ['a dead end of other parents', () => broken('dead_end', (f, r) => cut(r, f.anchor, f.parent)), /is not joined to/],
    ['a dead end without return', () => broken('dead_end', (f, r) => turn(r, f.parent, f.anchor, false)), /both ways/],
    [
      'a blister with a second door',
      () => broken('blister', (f, r) => addWarp(r, inside(f), elsewhere(r))),
      /is joined to \d+ too/,
    ],
    ['a blister cut open', () => broken('blister', (f, r) => cut(r, f.anchor, inside(f))), /is not joined to/],
    ['a blister that is one-way', () => broken('blister', (f, r) => turn(r, f.anchor, inside(f), false)), /both ways/],
    [
      'a hatch with a second door',
      () => broken('escape_hatch', (f, r) => addWarp(r, f.anchor, elsewhere(r), true)),
      /is joined to \d+ too/,
    ],
    [
      'a hatch that leads back',
      () => broken('escape_hatch', (f, r) => turn(r, f.source, f.anchor, true)),
      /not one-way/,
    ],
    [
      'a hatch without a source',
      () => broken('escape_hatch', (f, r) => cut(r, f.source, f.anchor)),
      /is not joined to/,
    ],
    [
      'a hatch whose source is near',
      () => broken('escape_hatch', (f, r) => addWarp(r, f.parent, f.source, true)),
      /is 2 hops away/,
    ],
    ['a sink with a way out', () => broken('warp_sink', (f, r) => addWarp(r, f.anchor, elsewhere(r))), /has a way out/],
    [
      'a sink that has no way in',
      () =>
        broken('warp_sink', (f, r) => {
          for (const entry of f.entries) cut(r, entry, f.anchor)
        }),
      /entered from nowhere/,
    ],
    [
      'a sink with an undeclared way in',
      () => broken('warp_sink', (f, r) => addWarp(r, elsewhere(r), f.anchor)),
      /it declares/,
    ],
    ['a backdoor that is not there', () => broken('backdoor', (f, r) => cut(r, f.anchor, f.into)), /does not lead/],
    [
      'a backdoor to another place',
      () => broken('backdoor', (f, r) => Object.assign(f, { into: elsewhere(r) })),
      /is not inside/,
    ],
    [
      'a backdoor to no bubble',
      () => broken('backdoor', (f) => Object.assign(f, { target: 'Nowhere' })),
      /no bubble "Nowhere"/,
    ],
    [
      'a backdoor beside the gateway',
      () =>
        broken('backdoor', (f, r) => {
          const bubble = r.formations.find(({ name }) => name === f.target) as FormationFile
          addWarp(r, bubble.anchor, f.anchor, true)
        }),
      /is 1 hops from the gateway/,
    ],
    [
      'a lost sector that is found',
      () => broken('lost_sector', (f, r) => addWarp(r, elsewhere(r), f.anchor, true)),
      /in one piece with/,
    ],
    [
      'a lost cluster that is found',
      () => broken('lost_cluster', (f, r) => addWarp(r, inside(f), elsewhere(r), true)),
      /in one piece with/,
    ],
    [
      'a lost cluster in pieces',
      () =>
        broken('lost_cluster', (f, r) => {
          r.warps = r.warps.filter(({ from, to }) => from !== f.anchor && to !== f.anchor)
        }),
      /in one piece with/,
    ],
    [
      'an archipelago of other sectors',
      () => broken('archipelago', (f) => f.interior.pop()),
      /sectors of its clusters/,
    ],
    [
      'an archipelago of no clusters',
      () => broken('archipelago', (f) => f.clusters.splice(0, 1, 'Nowhere')),
      /no lost cluster "Nowhere"/,
    ],
  ]

  test('which are all kinds of formations', () => {
    const kinds = new Set(universe.regions.flatMap(({ formations }) => formations.map(({ kind }) => kind)))
    expect(kinds.size).toBe(11)
    expect(checkUniverse(universe)).toEqual([])
  })

  test.each(cases)('%s', (_, make, message) => {
    const { problems, element } = make()
    const own = problems.split('\n').filter((problem) => problem.startsWith(element))
    expect(own.join('\n'), problems).toMatch(message)
  })
})

/** What the checker says of the first region after a change. */
function problemsAfter(mutate: (region: RegionFile, file: UniverseFile) => void): string {
  const copy = structuredClone({ ...universe, regions: universe.regions.slice(0, 2) })
  mutate(copy.regions[0] as RegionFile, copy)
  return checkUniverse(copy)
    .map(({ element, message }) => `${element}: ${message}`)
    .join('\n')
}

const first = <T>(things: readonly T[]): T => things[0] as T

describe('a region as a whole', () => {
  test('must be reachable', () => {
    const found = problemsAfter((r) => {
      r.warps = r.warps.filter(({ from, to }) => from !== 3 && to !== 3)
      r.tunnels = r.tunnels.filter(({ from, to }) => from !== 3 && to !== 3)
    })
    expect(found).toContain('regions[0].sectors[2] (number 3): cannot be reached from the capital')
    expect(found).toContain('regions[0].sectors[2] (number 3): cannot reach the capital')
  })

  test('must keep its formations apart', () => {
    const found = problemsAfter((r) => {
      const [a, b] = r.formations.filter(({ kind }) => kind === 'bubble' || kind === 'tunnel')
      addWarp(r, (a as FormationFile).anchor, (b as FormationFile).anchor, true)
    })
    expect(found).toMatch(/is 1 hops from \w+ "[^"]+", of at least 5/)
  })

  test('must keep to its budget', () => {
    const without = (kind: Kind) => problemsAfter((r) => (r.formations = r.formations.filter((f) => f.kind !== kind)))
    expect(without('tunnel')).toContain('regions[0].formations: 0 of tunnel, of 2 to 3')
    expect(without('backdoor')).toMatch(/0 of backdoor into "[^"]+", of 1 to 2/)
  })

  test('of fewer than 301 sectors has one formation at most', () => {
    const tiny = JSON.parse(JSON.stringify(generateUniverse({ seed: 'tiny', sectors: 300 }))) as UniverseFile
    const region = first(tiny.regions)
    delete region.generation
    for (const anchor of [10, 11])
      region.formations.push({ kind: 'lost_sector', name: `L${anchor}`, anchor, interior: [] })
    expect(checkUniverse(tiny).map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/of any kind, of 0 to 1/),
    )
  })

  test('must be what its checksum says', () => {
    const file = JSON.parse(JSON.stringify(generateUniverse({ seed: 'sum', sectors: 100 })))
    expect(checkUniverse(file)).toEqual([])
    file.regions[0].stations[0].name = 'Renamed'
    expect(checkUniverse(file)).toMatchObject([{ element: 'regions[0].generation.checksum' }])
  })
})

describe('a malformed file: every error names the element', () => {
  test.each<[string, (region: RegionFile, file: UniverseFile) => void, string]>([
    ['a number that is text', (r) => Object.assign(first(r.warps), { to: 'there' }), 'regions[0].warps[0].to: '],
    [
      'a kind that there is not',
      (r) => Object.assign(first(r.formations), { kind: 'maze' }),
      'regions[0].formations[0].kind: ',
    ],
    [
      'a band that there is not',
      (r) => Object.assign(first(r.zones), { band: 'suburb' }),
      'regions[0].zones[0].band: ',
    ],
    [
      'a sector without a position',
      (r) => Object.assign(first(r.sectors), { position: undefined }),
      'regions[0].sectors[0].position: ',
    ],
    ['another format', (_, file) => Object.assign(file, { format: 'other' }), 'format: '],
    ['another version', (_, file) => Object.assign(file, { version: 2 }), 'version: '],
    ['no regions', (_, file) => file.regions.splice(0), 'regions: '],
    [
      'two regions of a name',
      (r, file) => Object.assign(file.regions[1] as RegionFile, { name: r.name }),
      'regions[1]: has the name of regions[0]',
    ],
    ['too few sectors', (r) => r.sectors.splice(99), 'regions[0]: has 99 sectors'],
    [
      'a gap in the numbers',
      (r) => Object.assign(first(r.sectors), { number: 7 }),
      'regions[0].sectors[0]: has the number 7; 1 is due here',
    ],
    [
      'a position twice',
      (r) => Object.assign(first(r.sectors), { position: r.sectors[1]?.position }),
      'regions[0].sectors[1]: has the position',
    ],
    ['zones with a gap', (r) => Object.assign(first(r.zones), { last: 10 }), 'regions[0].zones[1]: begins at'],
    ['clusters that end early', (r) => r.clusters.pop(), 'regions[0].clusters: end at'],
    [
      'clusters of one name',
      (r) => Object.assign(r.clusters[1] ?? {}, { name: first(r.clusters).name }),
      'regions[0].clusters[1]: has the name',
    ],
    [
      'a warp to nowhere',
      (r) => Object.assign(first(r.warps), { to: 9_999 }),
      'regions[0].warps[0] (1 to 9999): there is no sector 9999',
    ],
    [
      'a warp to itself',
      (r) => Object.assign(first(r.warps), { from: 5, to: 5 }),
      'regions[0].warps[0] (5 to 5): leads to where it begins',
    ],
    ['a warp twice', (r) => r.warps.push(first(r.warps)), 'joins the same sectors as regions[0].warps[0]'],
    [
      'a latent two-way warp',
      (r) => Object.assign(first(r.warps), { twoWay: true, latent: true }),
      'is latent and two-way',
    ],
    [
      'a station twice',
      (r) => Object.assign(r.stations[1] ?? {}, { sector: first(r.stations).sector }),
      'regions[0].stations[1]: has the sector',
    ],
    [
      'a planet nowhere',
      (r) => Object.assign(first(r.planets), { sector: 9_999 }),
      'regions[0].planets[0]: there is no sector 9999',
    ],
    [
      'a capital elsewhere',
      (r) => Object.assign(r, { capital: 2 }),
      'regions[0].anchors[0] (terra): is at 1; the capital is 2',
    ],
    ['a missing anchor', (r) => r.anchors.pop(), 'regions[0].anchors: 0 of frontier_spacedock'],
    [
      'protection outside the Nexus',
      (r) => Object.assign(first(r.sectors), { protected: true }),
      'regions[0].sectors[0]: is protected',
    ],
    [
      'a formation of no sector',
      (r) => Object.assign(first(r.formations), { anchor: 9_999 }),
      'there is no sector 9999',
    ],
    [
      'two formations of a name',
      (r) => Object.assign(r.formations[1] ?? {}, { name: first(r.formations).name }),
      'regions[0].formations[1]: has the name',
    ],
  ])('%s', (_, mutate, expected) => {
    expect(problemsAfter(mutate)).toContain(expected)
  })

  test.each([null, 7, 'text', [], {}])('%j is no universe', (value) => {
    expect(checkUniverse(value).length).toBeGreaterThan(0)
  })

  test('the Nexus without its clusters, its capital or its plaza', () => {
    const nexus = JSON.parse(JSON.stringify(generateUniverse({ seed: 'hub', sectors: 100, regions: 0, nexus: true })))
    const region = nexus.regions[0] as RegionFile
    delete region.generation
    expect(checkUniverse(nexus)).toEqual([])
    Object.assign(region.clusters[9] as object, { name: 'Gate' })
    Object.assign(region.sectors[2_300] as object, { protected: false })
    const found = checkUniverse(nexus).map(({ element }) => element)
    expect(found).toEqual(expect.arrayContaining(['regions[0].clusters', 'regions[0].sectors[2300]']))
  })
})
