import { useEffect, useRef, useState } from 'react'
import { useModel } from '../app/console-model.js'
import { useStore } from '../app/store.js'
import { useMedia } from '../app/use-media.js'
import { MissionStage } from './draw/mission-stage.js'
import type { MissionModel } from './model/mission-model.js'
import { Hud } from './panels/Hud.js'
import { PlayBar } from './panels/PlayBar.js'
import { TouchControls } from './panels/TouchControls.js'
import { Controls } from './play/controls.js'
import type { Pilot } from './play/pilot.js'

/** As in mission.css: what the bars above and below the train cover, px. */
const INSETS = { wide: { top: 96, bottom: 64 }, narrow: { top: 92, bottom: 76 }, low: { top: 60, bottom: 58 } }
const LOW = '(max-height: 480px)'
const MISSION_S = 180

interface MissionViewProps {
  readonly mission: MissionModel
  readonly pilot: Pilot
  readonly narrow: boolean
}

/** The train, and on it what one must know and can do. */
export function MissionView({ mission, pilot, narrow }: MissionViewProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [stage, setStage] = useState<MissionStage>()
  const [controls, setControls] = useState<Controls>()
  const isLow = useMedia(LOW)
  const [isWhole, setWhole] = useState(false)
  const { state } = useStore(useModel().session.identity)

  useEffect(() => {
    if (canvas.current === null) return
    const made: { stage?: MissionStage } = {}
    const ownControls = new Controls({
      pilot,
      isUpright: () => made.stage?.isUpright ?? false,
      start: () => void pilot.start(MISSION_S),
    })
    made.stage = new MissionStage({ canvas: canvas.current, mission, pilot, controls: ownControls })
    setStage(made.stage)
    setControls(ownControls)
    const stopKeys = ownControls.listen()
    const stopStage = made.stage.start()
    return () => {
      stopKeys()
      stopStage()
    }
  }, [mission, pilot])

  useEffect(() => {
    if (stage === undefined) return
    stage.insets = INSETS[isLow ? 'low' : narrow ? 'narrow' : 'wide']
    stage.isWhole = isWhole
  }, [stage, narrow, isLow, isWhole])

  return (
    <>
      <canvas ref={canvas} className="mission-canvas" data-testid="mission-canvas" aria-label="The train from above" />
      {controls !== undefined && state === 'playing' && (
        <TouchControls controls={controls} pilot={pilot} mission={mission} />
      )}
      <Hud mission={mission} stage={stage} pilot={pilot} />
      <PlayBar
        mission={mission}
        pilot={pilot}
        controls={controls}
        isWhole={isWhole}
        onWhole={setWhole}
        isPlaying={state === 'playing'}
      />
    </>
  )
}
