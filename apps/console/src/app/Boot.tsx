import { useEffect, useState } from 'react'
import { frontierVisuals } from '../frontier/frontier-visuals.js'
import { failureOf } from '../live/input-feed.js'
import type { LiveLink } from '../live/live-link.js'
import type { OpenOptions } from '../live/server-api.js'
import { type Entry, Session } from '../live/session.js'
import { missionVisuals } from '../mission/mission-visuals.js'
import type { WorldDescriptor } from '../world/descriptor.js'
import { worldView } from '../world/world-view.js'
import { Console } from './Console.js'
import { ConsoleModel, ModelProvider, type Server } from './console-model.js'
import { pumpChanges } from './pump-changes.js'
import { useSeconds } from './use-seconds.js'

/** What the page needs of a server. */
export interface BootApi extends Server {
  /** Whether this browser has played here before; set when it does. */
  readonly memory: { hasPlayed: boolean }
  world(): Promise<WorldDescriptor>
  open(world: WorldDescriptor, entry: Entry, options: OpenOptions): LiveLink
}

/** Worlds with visuals of their own. */
const MADE = { frontier: frontierVisuals, maglev: missionVisuals }

const RETRY_MS = 3_000

/** Asks the server for its world until it answers, then shows it. */
export function Boot({ api }: { readonly api: BootApi }) {
  const [model, setModel] = useState<ConsoleModel>()
  const [failure, setFailure] = useState<{ message: string; retryAtMs: number }>()

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let gone = false
    let stop = () => {}
    const load = async () => {
      try {
        const world = await api.world()
        if (gone) return
        const view = worldView(world, MADE)
        const watch = view.page?.entersByInput ?? false
        const session = new Session((entry, zone) => api.open(world, entry, { zone, watch }), world.guests)
        const made = new ConsoleModel(view, session, api)
        stop = startModel(made, api)
        setModel(made)
      } catch (thrown) {
        if (gone) return
        setFailure({ message: failureOf(thrown).message, retryAtMs: performance.now() + RETRY_MS })
        timer = setTimeout(load, RETRY_MS)
      }
    }
    void load()
    return () => {
      gone = true
      clearTimeout(timer)
      stop()
    }
  }, [api])

  if (model === undefined) return <Waiting failure={failure} />
  return (
    <ModelProvider value={model}>
      <Console />
    </ModelProvider>
  )
}

function startModel(model: ConsoleModel, api: BootApi): () => void {
  const stopPump = pumpChanges(model)
  model.stats.start()
  model.session.watch()
  const stopIdentity = model.session.identity.subscribe(() => {
    if (model.session.identity.get().state === 'playing') api.memory.hasPlayed = true
  })
  if (api.memory.hasPlayed) void model.session.play()
  return () => {
    stopPump()
    stopIdentity()
    model.stats.stop()
    model.link?.close()
  }
}

function Waiting({ failure }: { readonly failure: { message: string; retryAtMs: number } | undefined }) {
  useSeconds()
  if (failure === undefined) return <p className="waiting">Connecting…</p>
  const waitS = Math.max(0, Math.ceil((failure.retryAtMs - performance.now()) / 1000))
  return (
    <div className="waiting" role="alert" data-testid="no-server">
      <h1>The server does not answer</h1>
      <p>{failure.message}</p>
      <p>{waitS > 0 ? `Next attempt in ${waitS} s.` : 'Trying again…'}</p>
    </div>
  )
}
