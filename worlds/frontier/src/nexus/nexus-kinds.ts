import { kind } from '@terrane/engine'
import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core'

const instant = (name: string) => bigint(name, { mode: 'number' })

/** In the Nexus: the regions that are attached, each with its end of the warp in the Gateway Plaza. */
const gates = kind(
  pgTable('gates', {
    /** The region's id. */
    region: text().primaryKey(),
    zone: text().notNull(),
    /** Of the region as it was generated. With its id the key of the attachment. */
    checksum: text().notNull(),
    /** Sector of the Gateway Plaza. */
    plazaSector: integer('plaza_sector').notNull(),
    /** Sector of the region. */
    landing: integer().notNull(),
    sectors: integer().notNull(),
    attachedAt: instant('attached_at').notNull(),
    /** `active` or `dormant`. */
    state: text().notNull(),
    /** The last login of a resident, or traversal of the warp, that the Nexus knows of. */
    activeAt: instant('active_at').notNull(),
  }),
  { indexes: { plazaSector: { on: ['plazaSector'] }, state: { on: ['state'] } }, visible: { to: 'everyone' } },
)

/** In the Nexus: who has a home in which region. */
const residents = kind(
  pgTable('residents', {
    /** `player@region` */
    id: text().primaryKey(),
    player: text().notNull(),
    region: text().notNull(),
  }),
  { indexes: { player: { on: ['player'] } }, visible: { to: 'nobody' } },
)

export const nexusKinds = { gates, residents }
