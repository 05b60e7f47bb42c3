import { createContext, useContext } from 'react'
import { StatsFeed } from '../charts/stats-feed.js'
import { describeArgs, InputFeed } from '../live/input-feed.js'
import type { LiveLink } from '../live/live-link.js'
import { RowChanges } from '../live/row-changes.js'
import type { Session } from '../live/session.js'
import type { MapStage } from '../map/map-stage.js'
import type { Key, Row, RowRef } from '../world/row.js'
import type { WorldView } from '../world/world-view.js'
import { ZoneMapApi } from '../zones/zone-map-api.js'
import { Store } from './store.js'

/** The server from which the page came. */
export interface Server {
  /** Without a slash at its end. */
  readonly address: string
  readonly urls: { readonly stats: string; readonly galaxy: string }
  /** The token of whoever is here. */
  bearer(): Promise<string>
}

/** What the parts of the page share. Made once per world; rows themselves stay in the link. */
export class ConsoleModel {
  readonly view: WorldView
  readonly session: Session
  readonly changes = new RowChanges()
  readonly inputs = new InputFeed()
  readonly stats: StatsFeed
  readonly zoneMap: ZoneMapApi
  readonly server: Server
  /** Where the server has the world's galaxy, if it has one. */
  readonly galaxyUrl: string
  readonly selected = new Store<RowRef | undefined>(undefined)
  /** The map, once it is drawn. */
  readonly stage = new Store<MapStage | undefined>(undefined)
  /** The row that stands for the player on the map; set by the world's own controls. */
  readonly own = new Store<RowRef | undefined>(undefined)
  /** What a click on empty space does, when the world's controls want to know. */
  onEmptySpace: ((x: number, y: number) => void) | undefined

  constructor(view: WorldView, session: Session, server: Server) {
    this.view = view
    this.session = session
    this.server = server
    this.stats = new StatsFeed(server.urls.stats)
    this.zoneMap = new ZoneMapApi(server.address)
    this.galaxyUrl = server.urls.galaxy
  }

  get link(): LiveLink | undefined {
    return this.session.link.get()
  }

  row(ref: RowRef | undefined): Row | undefined {
    return ref === undefined ? undefined : this.link?.row(ref.kind, ref.key)
  }

  *rows(kind: string): Iterable<readonly [Key, Row]> {
    const { link } = this
    if (link !== undefined) yield* link.rows(kind)
  }

  /** Sends an input and shows what becomes of it. Resolves with whether it was applied. */
  send(input: string, args: Readonly<Record<string, unknown>>, detail = describeArgs(args)): Promise<boolean> {
    const { link } = this
    if (link === undefined || !link.plays.get()) return Promise.resolve(false)
    return this.inputs.track(input, detail, link.send(input, args))
  }

  select(ref: RowRef | undefined): void {
    this.selected.set(ref)
  }

  /** Selects a row and moves the map there. */
  show(ref: RowRef): void {
    this.select(ref)
    this.stage.get()?.look(ref)
  }
}

const ModelContext = createContext<ConsoleModel | undefined>(undefined)
export const ModelProvider = ModelContext.Provider

export function useModel(): ConsoleModel {
  const model = useContext(ModelContext)
  if (model === undefined) throw new Error('there is no console model around this component')
  return model
}
