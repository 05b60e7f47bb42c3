import type { WorldWorkload } from './contract.js'
import { MovingWorld, View, ViewScratch } from './servers/moving-world.js'

/** Id of 16 bits and two coordinates of 32: the least that says where an entity is, at this precision. */
const MOVED_BYTES = 2 + 4 + 4
const LEFT_BYTES = 2
const TICKS = 50
const CLIENTS_MAX = 200

export interface IdealCrop {
  bytesPerUpdate: number
  visible: number
}

/**
 * The bytes per client and tick of a server that sends each client exactly what it sees and nothing
 * more, without frame headers: the measure for what contenders deliver (their frame headers included).
 */
export function idealCrop(workload: WorldWorkload): IdealCrop {
  const world = new MovingWorld(workload)
  const scratch = new ViewScratch(workload.entities)
  const views = Array.from({ length: Math.min(workload.clients, CLIENTS_MAX) }, (_, index) => new View(index))
  let bytes = 0
  let visible = 0
  const none = (): void => {}
  for (const view of views) view.update(world, scratch, none, none)
  for (let tick = 0; tick < TICKS; tick++) {
    world.step()
    for (const view of views) {
      view.update(world, scratch, none, () => {
        bytes += LEFT_BYTES
      })
      bytes += view.size * MOVED_BYTES
      visible += view.size
    }
  }
  const updates = TICKS * views.length
  return { bytesPerUpdate: bytes / updates, visible: visible / updates }
}
