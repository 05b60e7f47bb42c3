import { type PointerEvent, useEffect, useRef, useState } from 'react'
import { useModel } from '../app/console-model.js'
import { useStore } from '../app/store.js'
import { ChartStrip } from '../charts/ChartStrip.js'
import { BrowsePanel } from './BrowsePanel.js'
import { PlayPanel } from './PlayPanel.js'
import { RowPanel } from './RowPanel.js'
import { ServerPanel, useServerMark } from './ServerPanel.js'
import { Tabs } from './Tabs.js'

const DETENTS = ['peek', 'half', 'full'] as const
type Detent = (typeof DETENTS)[number]

/** A drag shorter than this is a tap on the handle. */
const DRAG_MIN_PX = 24
/** As in narrow.css. */
const HALF_SHARE = 0.52
const PEEK_PX = 60

/** On narrow screens: all panels in a sheet over the map, at three heights. */
export function BottomSheet() {
  const model = useModel()
  const selected = useStore(model.selected)
  const identity = useStore(model.session.identity)
  const stage = useStore(model.stage)
  const mark = useServerMark()
  const [detent, setDetent] = useState<Detent>('peek')
  const [active, setActive] = useState('play')
  const dragFrom = useRef<number>(undefined)

  useEffect(() => {
    if (selected === undefined) return
    setActive('row')
    setDetent((current) => (current === 'peek' ? 'half' : current))
  }, [selected])
  useEffect(() => {
    if (identity.state !== 'playing' && identity.state !== 'refused') return
    setActive('play')
    setDetent('half')
  }, [identity])

  useEffect(() => {
    stage?.camera.cover(detent === 'peek' ? 0 : Math.round(window.innerHeight * HALF_SHARE) - PEEK_PX)
    return () => stage?.camera.cover(0)
  }, [stage, detent])

  const step = (by: number) => {
    setDetent(DETENTS[Math.min(DETENTS.length - 1, Math.max(0, DETENTS.indexOf(detent) + by))] ?? 'peek')
  }
  const onPointerUp = (event: PointerEvent) => {
    const from = dragFrom.current
    dragFrom.current = undefined
    if (from === undefined) return
    const moved = event.clientY - from
    if (Math.abs(moved) >= DRAG_MIN_PX) step(moved < 0 ? 1 : -1)
    else setDetent(detent === 'peek' ? 'half' : 'peek')
  }
  const activate = (id: string) => {
    setActive(id)
    if (detent === 'peek') setDetent('half')
  }
  const playing = { id: 'play', label: 'Play', content: <PlayPanel /> }
  const row = {
    id: 'row',
    label: 'Selected',
    content:
      selected === undefined ? (
        <p className="hint">Tap something on the map to see its row, live.</p>
      ) : (
        <RowPanel target={selected} />
      ),
  }
  const browse = { id: 'browse', label: 'Browse', content: <BrowsePanel /> }
  const server = {
    id: 'server',
    label: 'Server',
    mark,
    content: (
      <>
        <ChartStrip feed={model.stats} />
        <ServerPanel />
      </>
    ),
  }
  return (
    <aside className="sheet" data-detent={detent} data-testid="sheet" aria-label="Panels">
      <button
        type="button"
        className="sheet-handle"
        aria-expanded={detent !== 'peek'}
        aria-label={detent === 'peek' ? 'Open the panels' : 'Close the panels'}
        onPointerDown={(event) => {
          dragFrom.current = event.clientY
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerUp={onPointerUp}
        onKeyDown={(event) => {
          if (event.key === 'ArrowUp') step(1)
          else if (event.key === 'ArrowDown') step(-1)
          else if (event.key === 'Enter' || event.key === ' ') setDetent(detent === 'peek' ? 'half' : 'peek')
        }}
      />
      <Tabs label="Panels" tabs={[playing, row, browse, server]} active={active} onActivate={activate} />
    </aside>
  )
}
