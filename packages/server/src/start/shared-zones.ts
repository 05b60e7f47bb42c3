import type { AnyWorld, SharedZones } from '@terrane/engine'
import type { StartOptions } from '../config/options.js'
import { CommandFailure } from '../process/failure.js'

type ClusterOptions = Pick<StartOptions, 'bus' | 'zones' | 'standby'>

/**
 * What a process does about zones that others could have; undefined when it is to be the only one. Throws
 * `CommandFailure` for options that make no sense together.
 */
export function sharedZonesOf({ bus, zones, standby }: ClusterOptions, world: AnyWorld): SharedZones | undefined {
  if (bus.length === 0) {
    if (zones !== undefined || standby) throw withoutBus(standby ? '--standby' : '--zones')
    return undefined
  }
  const standing = world.layout.standing
  const unknown = zones?.find((zone) => !standing.includes(zone))
  if (unknown !== undefined) throw unknownZone(unknown, world.name, standing)
  // A standby waits for zones that somebody has had; those that were never opened are the others' to open.
  return { prefers: zones ?? (standby ? [] : undefined) }
}

function withoutBus(option: string): CommandFailure {
  return new CommandFailure('zones_without_bus', {
    what: `${option} is for several processes, and this one knows of no others`,
    why: 'without --bus (TERRANE_BUS_URL) all zones of the world are served by this process',
    next: `name the NATS servers: --bus nats://127.0.0.1:4222, or leave ${option} out`,
  })
}

function unknownZone(zone: string, world: string, standing: readonly string[]): CommandFailure {
  return new CommandFailure('unknown_zone', {
    what: `the world ${world} has no standing zone "${zone}"`,
    why: `its zones are ${standing.join(', ')}`,
    next: 'correct --zones; zones that the world opens on demand need not be named',
  })
}
