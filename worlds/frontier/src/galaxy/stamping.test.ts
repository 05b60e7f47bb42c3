import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SectorGraph } from './sector-graph.js'
import { stampAll, type Wish } from './stamping.js'

/** Each wish adds an arc from its own number; the region breaks at any arc from a number that is poisoned. */
function run(count: number, poisoned: ReadonlySet<number>, batchSize: number) {
  const graph = new SectorGraph(count + 1)
  const made: number[] = []
  const wishes = Array.from({ length: count }, (_, i): Wish<number> => {
    const number = i + 1
    const plan = () => {
      graph.add(number, number + 1)
      return number
    }
    return { what: String(number), plan }
  })
  const isValid = () => ![...poisoned].some((number) => graph.exits(number).length > 0)
  const figures = stampAll({ graph, made, batchSize, isValid }, wishes)
  const arcs = Array.from({ length: count }, (_, i) => i + 1).filter((number) => graph.exits(number).length > 0)
  return { figures, made: made.toSorted((a, b) => a - b), arcs }
}

describe('stamping in batches', () => {
  test('keeps all that is sound and takes back all that is not, whatever the size of the batches', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 20 }))
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 30 }), (poisoned, batchSize) => {
        const { made, arcs, figures } = run(20, new Set(poisoned), batchSize)
        const sound = Array.from({ length: 20 }, (_, i) => i + 1).filter((number) => !poisoned.includes(number))
        expect(made).toEqual(sound)
        expect(arcs).toEqual(sound)
        expect(figures.abandoned.map(Number).sort((a, b) => a - b)).toEqual(poisoned.toSorted((a, b) => a - b))
      }),
    )
  })

  test('checks once for each batch while nothing is wrong', () => {
    expect(run(20, new Set(), 1).figures.checks).toBe(20)
    expect(run(20, new Set(), 4).figures.checks).toBe(5)
    expect(run(20, new Set(), 4).figures.rolledBack).toBe(0)
  })

  test('undoes what a plan that came to nothing has changed', () => {
    const graph = new SectorGraph(2)
    const wish: Wish<number> = {
      what: 'half a thing',
      plan: () => {
        graph.link(1, 2)
        return undefined
      },
    }
    const figures = stampAll({ graph, made: [], batchSize: 4, isValid: () => true }, [wish])
    expect(figures.abandoned).toEqual(['half a thing'])
    expect(graph.joins(1, 2)).toBe(false)
  })
})
