import { useModel } from '../app/console-model.js'
import { useStore } from '../app/store.js'
import { ServerFacts } from '../charts/ChartStrip.js'
import { DatabasePanel } from '../database/DatabasePanel.js'
import { type DatabaseWarning, databaseWarnings } from '../database/database-health.js'
import { OpsPanel } from '../zones/OpsPanel.js'
import { ProcessPanel } from '../zones/ProcessPanel.js'
import { ZoneMapPanel } from '../zones/ZoneMapPanel.js'

/** What the server says of itself beside the charts. */
export function ServerPanel() {
  const model = useModel()
  return (
    <>
      <DatabasePanel feed={model.stats} />
      <OpsPanel feed={model.stats} />
      <ProcessPanel feed={model.stats} />
      <ZoneMapPanel api={model.zoneMap} />
      <ServerFacts feed={model.stats} />
    </>
  )
}

/** Whether the panel has something that should be looked at. */
export function useServerMark(): DatabaseWarning['level'] | undefined {
  const stats = useStore(useModel().stats.latest)
  return stats === undefined ? undefined : databaseWarnings(stats)[0]?.level
}
