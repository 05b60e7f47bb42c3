import { TERMINAL } from '@terrane/world-maglev'
import { type PointerEvent, useEffect, useRef, useState } from 'react'
import type { MissionModel } from '../model/mission-model.js'
import type { Controls } from '../play/controls.js'
import type { Pilot } from '../play/pilot.js'
import { usePulse } from '../use-pulse.js'

/** How far the finger moves for the stick's full length, px. */
const FULL_PX = 52
/** Fingers tremble. */
const STILL_PX = 6

interface TouchControlsProps {
  readonly mission: MissionModel
  readonly controls: Controls
  readonly pilot: Pilot
}

/** Where there is no keyboard: a stick under whichever finger comes first, and two buttons. */
export function TouchControls({ controls, pilot, mission }: TouchControlsProps) {
  usePulse(200)
  const [from, setFrom] = useState<{ readonly x: number; readonly y: number }>()
  const [knob, setKnob] = useState({ x: 0, y: 0 })
  const pointer = useRef<number>(undefined)
  useEffect(
    () => () => {
      controls.touch = { x: 0, y: 0 }
    },
    [controls],
  )
  const onDown = (event: PointerEvent) => {
    if (event.pointerType === 'mouse' || pointer.current !== undefined) return
    pointer.current = event.pointerId
    event.currentTarget.setPointerCapture(event.pointerId)
    setFrom({ x: event.nativeEvent.offsetX, y: event.nativeEvent.offsetY })
    setKnob({ x: 0, y: 0 })
  }
  const onMove = (event: PointerEvent) => {
    if (event.pointerId !== pointer.current || from === undefined) return
    const dx = event.nativeEvent.offsetX - from.x
    const dy = event.nativeEvent.offsetY - from.y
    const length = Math.hypot(dx, dy)
    const share = length < STILL_PX ? 0 : Math.min(1, FULL_PX / length)
    setKnob({ x: dx * share, y: dy * share })
    controls.touch = { x: (dx * share) / FULL_PX, y: (dy * share) / FULL_PX }
  }
  const onUp = (event: PointerEvent) => {
    if (event.pointerId !== pointer.current) return
    pointer.current = undefined
    setFrom(undefined)
    controls.touch = { x: 0, y: 0 }
  }
  const offer = pilot.offer()
  const isRunning = mission.car(TERMINAL)?.phase === 'running'
  return (
    <>
      <div
        className="mission-touch"
        data-testid="mission-touch"
        onPointerDown={onDown}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerCancel={onUp}
      />
      {from !== undefined && (
        <span className="mission-stick" style={{ left: from.x, top: from.y }} aria-hidden="true">
          <span style={{ translate: `${knob.x}px ${knob.y}px` }} />
        </span>
      )}
      {isRunning && (
        <div className="mission-buttons">
          <button type="button" className="mission-button" data-testid="touch-zap" onPointerDown={() => pilot.zap()}>
            Zap
          </button>
          <button
            type="button"
            className="mission-button main"
            data-testid="touch-act"
            data-live={offer !== undefined}
            onPointerDown={() => pilot.act()}
          >
            {offer === undefined ? 'Grab' : WORDS[offer.type]}
          </button>
        </div>
      )}
    </>
  )
}

const WORDS = { grab: 'Grab', slot: 'Slot', throw: 'Throw' } as const
