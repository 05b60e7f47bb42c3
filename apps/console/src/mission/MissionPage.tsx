import { useEffect, useState } from 'react'
import { useModel } from '../app/console-model.js'
import { useStore } from '../app/store.js'
import { NARROW, useMedia } from '../app/use-media.js'
import { ConnectionBanner } from '../panels/ConnectionBanner.js'
import { type Detent, Sheet } from '../panels/Sheet.js'
import { Tabs } from '../panels/Tabs.js'
import { MissionView } from './MissionView.js'
import { MissionModel } from './model/mission-model.js'
import { LastMissions } from './panels/LastMissions.js'
import { ScoreBoard } from './panels/ScoreBoard.js'
import { ScoreWayPanel } from './panels/ScoreWayPanel.js'
import { Pilot } from './play/pilot.js'

/** The mission, live: to watch and to play. */
export function MissionPage() {
  const model = useModel()
  const narrow = useMedia(NARROW)
  const link = useStore(model.session.link)
  const [mission] = useState(() => new MissionModel(model))
  const [pilot] = useState(() => new Pilot(mission))
  useEffect(() => mission.start(), [mission])
  return (
    <>
      <main className="stage mission" data-testid="mission">
        {link !== undefined && <ConnectionBanner link={link} />}
        <MissionView mission={mission} pilot={pilot} narrow={narrow} />
      </main>
      {narrow ? <MissionSheet mission={mission} /> : <MissionRail mission={mission} />}
    </>
  )
}

function MissionRail({ mission }: { readonly mission: MissionModel }) {
  return (
    <aside className="rail mission-rail" aria-label="Scores">
      <ScoreBoard mission={mission} />
      <ScoreWayPanel mission={mission} />
      <LastMissions mission={mission} />
    </aside>
  )
}

function MissionSheet({ mission }: { readonly mission: MissionModel }) {
  const [detent, setDetent] = useState<Detent>('peek')
  const [active, setActive] = useState('scores')
  const activate = (id: string) => {
    setActive(id)
    if (detent === 'peek') setDetent('half')
  }
  const tabs = [
    { id: 'scores', label: 'Scores', content: <ScoreBoard mission={mission} /> },
    { id: 'way', label: 'A score’s way', content: <ScoreWayPanel mission={mission} /> },
    { id: 'missions', label: 'Missions', content: <LastMissions mission={mission} /> },
  ]
  return (
    <Sheet detent={detent} onDetent={setDetent}>
      <Tabs label="Mission" tabs={tabs} active={active} onActivate={activate} />
    </Sheet>
  )
}
