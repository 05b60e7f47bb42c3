import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SectorGraph } from './sector-graph.js'

const SIZE = 6
const sector = fc.integer({ min: 1, max: SIZE })
const step = fc
  .record({ what: fc.constantFrom('add', 'remove', 'link', 'unlink'), from: sector, to: sector })
  .filter(({ from, to }) => from !== to)

function arcsOf(graph: SectorGraph): string[] {
  const arcs: string[] = []
  for (let from = 1; from <= SIZE; from++) for (const to of graph.exits(from)) arcs.push(`${from}>${to}`)
  return arcs.sort()
}

describe('a sector graph', () => {
  test('has the arcs of a plain set, and their other ends agree', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const graph = new SectorGraph(SIZE)
        const model = new Set<string>()
        for (const { what, from, to } of steps) {
          graph[what as 'add'](from, to)
          const arcs = what === 'link' || what === 'unlink' ? [`${from}>${to}`, `${to}>${from}`] : [`${from}>${to}`]
          for (const arc of arcs) what === 'add' || what === 'link' ? model.add(arc) : model.delete(arc)
        }
        expect(arcsOf(graph)).toEqual([...model].sort())
        const entries = Array.from({ length: SIZE }, (_, i) => graph.entries(i + 1).map((from) => `${from}>${i + 1}`))
        expect(entries.flat().sort()).toEqual([...model].sort())
      }),
    )
  })

  test('goes back to a mark and forward again', () => {
    fc.assert(
      fc.property(fc.array(step), fc.array(step), (before, after) => {
        const graph = new SectorGraph(SIZE)
        for (const { what, from, to } of before) graph[what as 'add'](from, to)
        const then = arcsOf(graph)
        const mark = graph.mark()
        for (const { what, from, to } of after) graph[what as 'add'](from, to)
        const now = arcsOf(graph)
        const changes = graph.undoTo(mark)
        expect(arcsOf(graph)).toEqual(then)
        graph.redo(changes)
        expect(arcsOf(graph)).toEqual(now)
      }),
    )
  })

  test('keeps what is latent when it goes back', () => {
    const graph = new SectorGraph(SIZE)
    graph.add(1, 2)
    graph.hide(1, 2)
    const mark = graph.mark()
    graph.remove(1, 2)
    graph.add(1, 2)
    expect(graph.isLatent(1, 2)).toBe(false)
    graph.undoTo(mark)
    expect(graph.isLatent(1, 2)).toBe(true)
  })
})
