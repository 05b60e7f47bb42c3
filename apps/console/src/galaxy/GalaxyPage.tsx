import { type DragEvent, useEffect, useState } from 'react'
import { useStore } from '../app/store.js'
import { NARROW, useMedia } from '../app/use-media.js'
import { coveredBy, type Detent, Sheet } from '../panels/Sheet.js'
import type { GalaxyStage } from './draw/galaxy-stage.js'
import { ALL_LAYERS } from './draw/layers.js'
import { GalaxyMap } from './GalaxyMap.js'
import { formatRoute, type GalaxyRoute } from './galaxy-route.js'
import type { GalaxySource } from './load/galaxy-source.js'
import { findTarget, type Target } from './model/target.js'
import { Details } from './panels/Details.js'
import { GalaxyControls } from './panels/GalaxyControls.js'
import { GalaxyLegend } from './panels/GalaxyLegend.js'
import { GalaxySearchBox } from './panels/GalaxySearchBox.js'
import { SourcePanel } from './panels/SourcePanel.js'
import { titleOf } from './panels/titles.js'

/** As in galaxy.css, with their distance to the edge. The search covers the whole width of a narrow screen. */
const LEGEND_PX = 208
const SEARCH_PX = 58

interface GalaxyPageProps {
  readonly source: GalaxySource
  readonly route: GalaxyRoute
}

/** The galaxy as a map to explore; what is selected is in the address. */
export function GalaxyPage({ source, route }: GalaxyPageProps) {
  const state = useStore(source.state)
  const narrow = useMedia(NARROW)
  const [layers, setLayers] = useState(ALL_LAYERS)
  const [stage, setStage] = useState<GalaxyStage>()
  const [detent, setDetent] = useState<Detent>('peek')
  const [isChanging, setChanging] = useState(false)
  const [isLegendOpen, setLegendOpen] = useState(!narrow)
  const galaxy = state.state === 'ready' ? state.galaxy : undefined
  const found = galaxy === undefined ? undefined : findTarget(galaxy, route.target)
  const seedKey = JSON.stringify(route.seed)
  const { seed } = route

  // biome-ignore lint/correctness/useExhaustiveDependencies: the same seed is another object after every change of the address
  useEffect(() => source.show(seed), [source, seedKey])
  useEffect(() => {
    if (narrow && route.target !== undefined) setDetent((current) => (current === 'peek' ? 'half' : current))
  }, [narrow, route.target])
  const go = (target: Target | undefined) => {
    window.location.hash = formatRoute({ target, seed })
  }
  const open = (file: File) => {
    setChanging(false)
    source.open(file)
    window.location.hash = formatRoute({ target: undefined, seed: undefined })
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    const file = event.dataTransfer.files[0]
    if (file !== undefined) open(file)
  }

  const details = galaxy !== undefined && (
    <Details
      galaxy={galaxy}
      origin={state.state === 'ready' ? state.origin : ''}
      found={found}
      missing={found === undefined ? route.target : undefined}
      onGo={go}
      onChangeSource={() => setChanging(true)}
    />
  )
  return (
    <>
      <main className="stage galaxy" onDragOver={(event) => event.preventDefault()} onDrop={onDrop}>
        {galaxy !== undefined && (
          <>
            <GalaxyMap
              galaxy={galaxy}
              found={found}
              layers={layers}
              covered={
                narrow
                  ? { left: 0, above: SEARCH_PX, below: coveredBy(detent) }
                  : { left: isLegendOpen ? LEGEND_PX : 0, above: 0, below: 0 }
              }
              onStage={setStage}
              onGo={go}
            />
            <GalaxySearchBox galaxy={galaxy} onGo={go} />
            <GalaxyLegend
              layers={layers}
              galaxy={galaxy}
              isOpen={isLegendOpen}
              onOpen={setLegendOpen}
              onChange={setLayers}
            />
            <GalaxyControls stage={stage} />
          </>
        )}
        {(galaxy === undefined || isChanging) && (
          <SourcePanel
            state={state}
            onOpen={open}
            onGenerate={(wanted) => {
              setChanging(false)
              window.location.hash = formatRoute({ target: undefined, seed: wanted })
            }}
            onServer={() => {
              setChanging(false)
              window.location.hash = formatRoute({ target: undefined, seed: undefined })
            }}
            onClose={galaxy === undefined ? undefined : () => setChanging(false)}
          />
        )}
      </main>
      {narrow ? (
        galaxy !== undefined && (
          <Sheet detent={detent} onDetent={setDetent}>
            <p className="galaxy-sheet-title">{titleOf(found)}</p>
            <div className="tab-panel">{details}</div>
          </Sheet>
        )
      ) : (
        <aside className="rail" aria-label="Selected">
          <div className="tab-panel">{details || <p className="hint">No galaxy is shown yet.</p>}</div>
        </aside>
      )}
    </>
  )
}
