import { expect, test } from 'vitest'
import type { WorldWorkload } from '../contract.js'
import { MovingWorld, radiusFor, View, ViewScratch } from './moving-world.js'

const workload: WorldWorkload = { kind: 'world', entities: 2000, visible: 100, hz: 10, seed: 'test', clients: 50 }

function bruteForce(world: MovingWorld, centre: number): number[] {
  const near = (id: number): boolean => {
    const dx = (world.x[id] ?? 0) - (world.x[centre] ?? 0)
    const dy = (world.y[id] ?? 0) - (world.y[centre] ?? 0)
    return dx * dx + dy * dy <= world.radius * world.radius
  }
  return Array.from({ length: world.entities }, (_, id) => id).filter(near)
}

test('a view that follows enter and leave holds exactly what is within the radius', () => {
  const world = new MovingWorld(workload)
  const scratch = new ViewScratch(workload.entities)
  const views = Array.from({ length: workload.clients }, (_, index) => ({
    view: new View(index),
    seen: new Set<number>(),
  }))
  for (let tick = 0; tick < 40; tick++) {
    world.step()
    for (const { view, seen } of views) {
      view.update(
        world,
        scratch,
        (id) => {
          expect(seen.has(id)).toBe(false)
          seen.add(id)
        },
        (id) => expect(seen.delete(id)).toBe(true),
      )
      expect(view.size).toBe(seen.size)
    }
  }
  views.forEach(({ seen }, index) => {
    expect([...seen].sort((a, b) => a - b)).toEqual(bruteForce(world, index))
  })
})

test('the radius shows as many entities as asked for, on average', () => {
  const world = new MovingWorld(workload)
  const out = new Int32Array(workload.entities)
  let sum = 0
  for (let id = 0; id < workload.entities; id++) sum += world.visible(id, out)
  expect(sum / workload.entities).toBeGreaterThan(workload.visible * 0.9)
  expect(sum / workload.entities).toBeLessThan(workload.visible * 1.1)
  expect(radiusFor(1)).toBeLessThanOrEqual(1)
})

test('the same seed makes the same world', () => {
  const [a, b] = [new MovingWorld(workload), new MovingWorld(workload)]
  for (let tick = 0; tick < 100; tick++) {
    a.step()
    b.step()
  }
  expect(a.x).toEqual(b.x)
  expect(a.y).toEqual(b.y)
})
