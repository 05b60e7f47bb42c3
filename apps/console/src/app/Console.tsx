import { lazy, Suspense, useState } from 'react'
import { ChartStrip } from '../charts/ChartStrip.js'
import { GalaxySource } from '../galaxy/load/galaxy-source.js'
import { JobsApi } from '../jobs/jobs-api.js'
import { LiveMap } from '../map/LiveMap.js'
import { BrowserNode } from '../nodes/browser-node.js'
import { BottomSheet } from '../panels/BottomSheet.js'
import { ConnectionBanner } from '../panels/ConnectionBanner.js'
import { Rail } from '../panels/Rail.js'
import { TopBar } from '../panels/TopBar.js'
import { useModel } from './console-model.js'
import { parseRoute, type Route } from './route.js'
import { useStore } from './store.js'
import { useHash } from './use-hash.js'
import { NARROW, useMedia } from './use-media.js'

/** Loaded when somebody looks at them. */
const GalaxyPage = lazy(async () => ({ default: (await import('../galaxy/GalaxyPage.js')).GalaxyPage }))
const NodesPage = lazy(async () => ({ default: (await import('../nodes/NodesPage.js')).NodesPage }))
const SimulationsPage = lazy(async () => ({ default: (await import('../jobs/SimulationsPage.js')).SimulationsPage }))

/** The whole page: the world's own, what is live, the galaxy, simulations or nodes. */
export function Console() {
  const model = useModel()
  const route = parseRoute(useHash())
  const [galaxy] = useState(() => new GalaxySource(model.galaxyUrl))
  const [jobs] = useState(() => new JobsApi(model.server.address, model.server.bearer))
  const [asOperator] = useState(() => new JobsApi(model.server.address, async () => model.zoneMap.operator.get() ?? ''))
  // Goes on while one looks at another page.
  const [browserNode] = useState(() => new BrowserNode(jobs))
  const { background: Background } = model.view
  return (
    <div className="console" data-testid="console">
      {Background !== undefined && <Background />}
      <TopBar page={route.page === 'home' && model.view.page === undefined ? 'live' : route.page} />
      <Suspense fallback={<main className="stage" />}>
        <Page route={route} galaxy={galaxy} jobs={jobs} asOperator={asOperator} browserNode={browserNode} />
      </Suspense>
    </div>
  )
}

interface PageProps {
  readonly route: Route
  readonly galaxy: GalaxySource
  readonly jobs: JobsApi
  /** With the token of an operator, once this page has one. */
  readonly asOperator: JobsApi
  readonly browserNode: BrowserNode
}

function Page({ route, galaxy, jobs, asOperator, browserNode }: PageProps) {
  const {
    view: { page },
    zoneMap,
  } = useModel()
  switch (route.page) {
    case 'home':
      return page === undefined ? <LivePage /> : <page.content />
    case 'live':
      return <LivePage />
    case 'galaxy':
      return <GalaxyPage source={galaxy} route={route.galaxy} />
    case 'simulations':
      return <SimulationsPage api={jobs} jobId={route.jobId} />
    case 'nodes':
      return <NodesPage api={jobs} browserNode={browserNode} asOperator={asOperator} operator={zoneMap} />
  }
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
