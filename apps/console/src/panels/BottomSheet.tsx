import { useEffect, useState } from 'react'
import { useModel } from '../app/console-model.js'
import { useStore } from '../app/store.js'
import { ChartStrip } from '../charts/ChartStrip.js'
import { BrowsePanel } from './BrowsePanel.js'
import { PlayPanel } from './PlayPanel.js'
import { RowPanel } from './RowPanel.js'
import { ServerPanel, useServerMark } from './ServerPanel.js'
import { coveredBy, type Detent, Sheet } from './Sheet.js'
import { Tabs } from './Tabs.js'

/** On narrow screens: all panels in a sheet over the map, at three heights. */
export function BottomSheet() {
  const model = useModel()
  const selected = useStore(model.selected)
  const identity = useStore(model.session.identity)
  const stage = useStore(model.stage)
  const mark = useServerMark()
  const [detent, setDetent] = useState<Detent>('peek')
  const [active, setActive] = useState('play')

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
    stage?.camera.cover(coveredBy(detent))
    return () => stage?.camera.cover(0)
  }, [stage, detent])

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
    <Sheet detent={detent} onDetent={setDetent}>
      <Tabs label="Panels" tabs={[playing, row, browse, server]} active={active} onActivate={activate} />
    </Sheet>
  )
}
