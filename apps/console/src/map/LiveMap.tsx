import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useModel } from '../app/console-model.js'
import { Store, useStore } from '../app/store.js'
import type { LinkStatus } from '../live/live-link.js'
import type { RowRef } from '../world/row.js'
import { Legend } from './Legend.js'
import { MapControls } from './MapControls.js'
import { MapStage } from './map-stage.js'

/** After this long online, what appears is new and not part of the first state. */
const SETTLE_MS = 2_000
const PAN_SHARE = 0.15
const NO_STATUS = new Store<LinkStatus | undefined>(undefined)

/** The world, live. */
export function LiveMap() {
  const model = useModel()
  const container = useRef<HTMLElement>(null)
  const [failure, setFailure] = useState<string>()
  const [hovering, setHovering] = useState(false)
  const link = useStore(model.session.link)
  const stage = useStore(model.stage)
  const selected = useStore(model.selected)
  const own = useStore(model.own)
  const status = useStore<LinkStatus | undefined>(link?.status ?? NO_STATUS)
  const dimmed = status !== undefined && status.state !== 'online'

  useEffect(() => {
    const element = container.current
    if (element === null) return
    const rows = { get: (kind: string, key: string | number) => model.link?.row(kind, key) }
    const onPick = (ref: RowRef | undefined, x: number, y: number) => {
      if (ref === undefined && model.onEmptySpace !== undefined) model.onEmptySpace(x, y)
      else model.select(ref)
    }
    let made: MapStage
    try {
      made = new MapStage(element, model.view.map, rows, { onPick, onHover: (ref) => setHovering(ref !== undefined) })
    } catch (thrown) {
      setFailure(thrown instanceof Error ? thrown.message : String(thrown))
      return
    }
    model.stage.set(made)
    return () => {
      model.stage.set(undefined)
      made.close()
    }
  }, [model])

  useEffect(() => {
    if (stage === undefined || link === undefined) return
    stage.clear()
    const all = model.view.descriptor.kinds.flatMap(({ name }) =>
      [...link.rows(name)].map(([key, row]) => ({ kind: name, key, row })),
    )
    const showPlayer = () => stage.setPlayer(link.plays.get() ? link.player.get() : undefined)
    showPlayer()
    stage.apply(all, false)
    let onlineAtMs = link.status.get().state === 'online' ? performance.now() : Number.POSITIVE_INFINITY
    const stopStatus = link.status.subscribe(() => {
      onlineAtMs = link.status.get().state === 'online' ? performance.now() : Number.POSITIVE_INFINITY
    })
    const stopPlayer = link.player.subscribe(showPlayer)
    const stopPlays = link.plays.subscribe(showPlayer)
    const stopChanges = model.changes.watchAll((changes) => {
      stage.apply(changes, performance.now() - onlineAtMs > SETTLE_MS)
    })
    return () => {
      stopStatus()
      stopPlayer()
      stopPlays()
      stopChanges()
    }
  }, [model, stage, link])

  useEffect(() => stage?.select(selected), [stage, selected])
  useEffect(() => stage?.setOwn(own), [stage, own])

  const onKeyDown = (event: KeyboardEvent) => {
    const camera = stage?.camera
    if (camera === undefined) return
    const move = KEYS[event.key]
    if (move !== undefined) camera.panBy(move[0] * PAN_SHARE, move[1] * PAN_SHARE)
    else if (event.key === '+' || event.key === '=') camera.zoomBy(1.5)
    else if (event.key === '-') camera.zoomBy(1 / 1.5)
    else if (event.key === '0') stage?.fit()
    else if (event.key === 'Escape') model.select(undefined)
    else return
    event.preventDefault()
  }

  return (
    <div className="live-map" data-dimmed={dimmed}>
      {/* A map is operated as a whole: its keys pan and zoom, and the browse panel lists what is on it. */}
      <section
        ref={container}
        className="map-canvas"
        data-testid="map"
        data-hovering={hovering}
        aria-label="Live map. Arrow keys pan, plus and minus zoom, zero shows all."
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the map takes keys
        tabIndex={0}
        onKeyDown={onKeyDown}
      />
      {failure !== undefined && (
        <p className="map-failure" role="alert">
          The map cannot be drawn: {failure}. Everything else on this page works.
        </p>
      )}
      <Legend groups={model.view.map.legend} />
      <MapControls />
    </div>
  )
}

const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}
