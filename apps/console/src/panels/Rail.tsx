import { useState } from 'react'
import { useModel } from '../app/console-model.js'
import { useStore } from '../app/store.js'
import { BrowsePanel } from './BrowsePanel.js'
import { PlayPanel } from './PlayPanel.js'
import { RowPanel } from './RowPanel.js'
import { ServerPanel, useServerMark } from './ServerPanel.js'
import { Tabs } from './Tabs.js'

/** On wide screens: play, browse and server facts in a column, the selected row below. */
export function Rail() {
  const model = useModel()
  const selected = useStore(model.selected)
  const [active, setActive] = useState('play')
  const mark = useServerMark()
  return (
    <aside className="rail" aria-label="Panels">
      <section className="rail-top">
        <Tabs
          label="Panels"
          active={active}
          onActivate={setActive}
          tabs={[
            { id: 'play', label: 'Play', content: <PlayPanel /> },
            { id: 'browse', label: 'Browse', content: <BrowsePanel /> },
            { id: 'server', label: 'Server', mark, content: <ServerPanel /> },
          ]}
        />
      </section>
      {selected !== undefined && (
        <section className="rail-row">
          <RowPanel target={selected} />
        </section>
      )}
    </aside>
  )
}
