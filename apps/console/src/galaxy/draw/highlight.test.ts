import { generateUniverse, starChartOf } from '@terrane/world-frontier/galaxy'
import { expect, test } from 'vitest'
import { galaxyOf } from '../model/galaxy.js'
import { SkyIndex } from '../model/sky-index.js'
import { areaOf, type Found, findTarget, neighboursOf } from '../model/target.js'
import { detailAt } from './detail.js'
import { highlight } from './highlight.js'
import { fitBox, type Screen, toScreen, UNCOVERED } from './view.js'

const universe = generateUniverse({ seed: 'highlight', regions: 2, sectors: 900 })
const galaxy = galaxyOf(starChartOf(universe))
const index = new SkyIndex(galaxy.sky)
const SCREEN: Screen = { width: 1_000, height: 800, covered: UNCOVERED }

type Line = readonly [fromX: number, fromY: number, toX: number, toY: number]

/** The lines of edges, the number of circles, and whether all else was veiled. */
function drawn(found: Found) {
  const lines: Line[] = []
  let circles = 0
  let isVeiled = false
  let from: readonly [number, number] = [0, 0]
  let ended: Line | undefined
  // What the highlight uses of a canvas; an edge is a path of one line that is stroked, an arrow is filled.
  const context = {
    beginPath: () => {
      ended = undefined
    },
    moveTo: (x: number, y: number) => {
      from = [x, y]
    },
    lineTo: (x: number, y: number) => {
      ended = [...from, x, y]
    },
    quadraticCurveTo: (_x: number, _y: number, x: number, y: number) => {
      ended = [...from, x, y]
    },
    closePath: () => {},
    arc: () => circles++,
    fill: () => {},
    stroke: () => {
      if (ended !== undefined) lines.push(ended)
    },
    fillRect: (x: number, y: number, width: number, height: number) => {
      isVeiled = x === 0 && y === 0 && width === SCREEN.width && height === SCREEN.height
    },
  } as unknown as CanvasRenderingContext2D
  const view = fitBox(areaOf(galaxy, found), SCREEN)
  const at = (sector: number) => toScreen(view, SCREEN, galaxy.sky.x[sector] as number, galaxy.sky.y[sector] as number)
  highlight({ context, galaxy, index, view, screen: SCREEN, detail: detailAt(view.scale), at }, found)
  return { lines, circles, isVeiled }
}

function find(kind: 'formation' | 'cluster', region: string, name: string): Found {
  const found = findTarget(galaxy, { kind, region, name })
  if (found === undefined) throw new Error(`no ${kind} ${name}`)
  return found
}

test('a formation is shown with all of its edges, and with all of their ends on the screen', () => {
  for (const { name: region, warps, tunnels, formations } of universe.regions) {
    for (const formation of formations) {
      const found = find('formation', region, formation.name)
      const { lines, circles, isVeiled } = drawn(found)
      const own = new Set([formation.anchor, ...formation.interior])
      if (formation.kind === 'tunnel') own.add(formation.farMouth)
      const within = [...warps, ...tunnels].filter(({ from, to }) => own.has(from) && own.has(to))
      expect(lines, formation.name).toHaveLength(within.length + neighboursOf(found).length)
      // A dot for each sector and each neighbour, a ring for each sector.
      expect(circles).toBe(2 * own.size + neighboursOf(found).length)
      expect(isVeiled).toBe(true)
      for (const [fromX, fromY, toX, toY] of lines) {
        expect(Math.min(fromX, fromY, toX, toY)).toBeGreaterThanOrEqual(0)
        expect(Math.max(fromX, toX)).toBeLessThanOrEqual(SCREEN.width)
        expect(Math.max(fromY, toY)).toBeLessThanOrEqual(SCREEN.height)
      }
    }
  }
})

test('a cluster is shown with the edges among its sectors', () => {
  const { name: region, clusters, warps, tunnels } = universe.regions[0] as (typeof universe.regions)[number]
  for (const { name, first, last } of clusters) {
    const isIn = (sector: number) => first <= sector && sector <= last
    const within = [...warps, ...tunnels].filter(({ from, to }) => isIn(from) && isIn(to))
    const { lines, circles } = drawn(find('cluster', region, name))
    expect([lines.length, circles]).toEqual([within.length, last - first + 1])
  }
})

test('a sector is shown with every way from and to it, and nothing is veiled', () => {
  const { name: region, warps, tunnels } = universe.regions[1] as (typeof universe.regions)[number]
  for (const number of [1, 450, 900]) {
    const found = findTarget(galaxy, { kind: 'sector', region, number }) as Found
    const ways = [...warps, ...tunnels].filter(({ from, to }) => from === number || to === number)
    const { lines, circles, isVeiled } = drawn(found)
    expect([lines.length, circles, isVeiled]).toEqual([ways.length, 1, false])
  }
})
