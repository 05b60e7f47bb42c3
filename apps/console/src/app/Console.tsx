import { lazy, Suspense, useState } from 'react'
import { ChartStrip } from '../charts/ChartStrip.js'
import { parseRoute } from '../galaxy/galaxy-route.js'
import { GalaxySource } from '../galaxy/load/galaxy-source.js'
import { LiveMap } from '../map/LiveMap.js'
import { BottomSheet } from '../panels/BottomSheet.js'
import { ConnectionBanner } from '../panels/ConnectionBanner.js'
import { Rail } from '../panels/Rail.js'
import { TopBar } from '../panels/TopBar.js'
import { useModel } from './console-model.js'
import { useStore } from './store.js'
import { useHash } from './use-hash.js'
import { NARROW, useMedia } from './use-media.js'

/** Loaded when somebody looks at it. */
const GalaxyPage = lazy(async () => ({ default: (await import('../galaxy/GalaxyPage.js')).GalaxyPage }))

/** The whole page: what is live, or the galaxy. */
export function Console() {
  const model = useModel()
  const route = parseRoute(useHash())
  const [galaxy] = useState(() => new GalaxySource(model.galaxyUrl))
  const { background: Background } = model.view
  return (
    <div className="console" data-testid="console">
      {Background !== undefined && <Background />}
      <TopBar page={route === undefined ? 'live' : 'galaxy'} />
      {route === undefined ? (
        <LivePage />
      ) : (
        <Suspense fallback={<main className="stage" />}>
          <GalaxyPage source={galaxy} route={route} />
        </Suspense>
      )}
    </div>
  )
}

/** The live map, and around it what one needs to watch and to play. */
function LivePage() {
  const model = useModel()
  const narrow = useMedia(NARROW)
  const link = useStore(model.session.link)
  const { mapOverlay: MapOverlay } = model.view
  return (
    <>
      <main className="stage">
        {link !== undefined && <ConnectionBanner link={link} />}
        <LiveMap />
        {MapOverlay !== undefined && <MapOverlay />}
      </main>
      {narrow ? (
        <BottomSheet />
      ) : (
        <>
          <ChartStrip feed={model.stats} />
          <Rail />
        </>
      )}
    </>
  )
}
