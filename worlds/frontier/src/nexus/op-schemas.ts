import { z } from 'zod'

/** What zones of the galaxy tell each other. */

const checksum = z.string()
const instant = z.int()

export const opSchemas = {
  /** Region to Nexus: give me a warp. */
  attach: z.object({ region: z.string(), checksum, landing: z.int(), sectors: z.int(), activeAt: instant }),
  /** Nexus to region: your warp leads to this sector of the Gateway Plaza. */
  attached: z.object({ checksum, plazaSector: z.int() }),
  /** Any zone to Nexus: a player has come in. */
  login: z.object({ player: z.string() }),
  /** Region to Nexus: a player has made their home here. */
  settle: z.object({ region: z.string(), player: z.string() }),
  /** Region to Nexus: it was active then. */
  active: z.object({ region: z.string(), activeAt: instant }),
  /** Nexus to region: somebody is on the way through your warp. */
  traverse: z.object({}),
  /** Nexus to an active region: stay awake, and say whether you were active after this. */
  census: z.object({ activeAt: instant }),
  /** Nexus to region: nobody was there since; go to sleep unless you know better. */
  sleep: z.object({ activeAt: instant }),
}

export type OpSchemas = typeof opSchemas
