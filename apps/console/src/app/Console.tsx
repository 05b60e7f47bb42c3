import { ChartStrip } from '../charts/ChartStrip.js'
import { LiveMap } from '../map/LiveMap.js'
import { BottomSheet } from '../panels/BottomSheet.js'
import { ConnectionBanner } from '../panels/ConnectionBanner.js'
import { Rail } from '../panels/Rail.js'
import { TopBar } from '../panels/TopBar.js'
import { useModel } from './console-model.js'
import { useStore } from './store.js'
import { NARROW, useMedia } from './use-media.js'

/** The whole page: the map, and around it what one needs to watch and to play. */
export function Console() {
  const model = useModel()
  const narrow = useMedia(NARROW)
  const link = useStore(model.session.link)
  const { background: Background, mapOverlay: MapOverlay } = model.view
  return (
    <div className="console" data-testid="console">
      {Background !== undefined && <Background />}
      <TopBar />
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
    </div>
  )
}
