import { TERMINAL } from '@terrane/world-maglev'
import { type MouseEvent, useState } from 'react'
import { useModel } from '../../app/console-model.js'
import type { MissionModel } from '../model/mission-model.js'
import type { Controls } from '../play/controls.js'
import type { Offer, Pilot } from '../play/pilot.js'
import { usePulse } from '../use-pulse.js'

const LENGTHS_S = [20, 60, 180] as const

interface PlayBarProps {
  readonly mission: MissionModel
  readonly pilot: Pilot
  readonly controls: Controls | undefined
  readonly isPlaying: boolean
  readonly isWhole: boolean
  onWhole(isWhole: boolean): void
}

/** Below the train: come in, begin a mission, and which key does what here. */
export function PlayBar({ mission, pilot, controls, isPlaying, isWhole, onWhole }: PlayBarProps) {
  usePulse(200)
  const model = useModel()
  const isLobby = mission.car(TERMINAL)?.phase === 'lobby'
  if (!isPlaying) {
    return (
      <footer key="watching" className="mission-play">
        <p>You are watching. Take a place in the crew:</p>
        <button
          type="button"
          className="button primary"
          data-testid="mission-join"
          onClick={() => void model.session.play()}
        >
          Play as guest
        </button>
      </footer>
    )
  }
  const { player } = mission
  const isOut = player !== undefined && mission.placeOf(player) === undefined && isLobby
  return (
    <footer key="playing" className="mission-play">
      {isOut ? (
        <Rejoin />
      ) : isLobby ? (
        <Start pilot={pilot} />
      ) : (
        <Keys pilot={pilot} hasPad={controls?.hasPad === true} />
      )}
      <button
        type="button"
        className="button mission-zoom"
        aria-pressed={isWhole}
        data-testid="mission-whole"
        onClick={(event) => {
          letGo(event)
          onWhole(!isWhole)
        }}
      >
        {isWhole ? 'Follow me' : 'Whole train'}
      </button>
    </footer>
  )
}

function Start({ pilot }: { readonly pilot: Pilot }) {
  const [seconds, setSeconds] = useState<number>(180)
  return (
    <>
      <button
        type="button"
        className="button primary"
        data-testid="mission-start"
        onClick={(event) => {
          letGo(event)
          void pilot.start(seconds)
        }}
      >
        Start mission
      </button>
      <label className="mission-length">
        <span>lasting</span>
        <select
          value={seconds}
          data-testid="mission-length"
          onChange={(event) => {
            setSeconds(Number(event.target.value))
            event.target.blur()
          }}
        >
          {LENGTHS_S.map((each) => (
            <option key={each} value={each}>
              {each < 60 ? `${each} s` : `${each / 60} min`}
            </option>
          ))}
        </select>
      </label>
    </>
  )
}

/** Who stood still between missions for long has given their place to somebody else. */
function Rejoin() {
  return (
    <>
      <p>You are not in the crew: it is complete, or you stood still for too long.</p>
      <button type="button" className="button primary" onClick={() => window.location.reload()}>
        Come back
      </button>
    </>
  )
}

const ACTIONS: Readonly<Record<Offer['type'], string>> = { grab: 'Grab', slot: 'Slot', throw: 'Throw' }

function Keys({ pilot, hasPad }: { readonly pilot: Pilot; readonly hasPad: boolean }) {
  const offer = pilot.offer()
  return (
    <ul className="mission-keys" data-testid="mission-keys">
      <li>
        <kbd>{hasPad ? 'Stick' : 'WASD'}</kbd> walk
      </li>
      <li data-live={offer !== undefined}>
        <kbd>{hasPad ? 'A' : 'Space'}</kbd>{' '}
        <span data-testid="mission-offer">{offer === undefined ? 'grab, slot, throw' : ACTIONS[offer.type]}</span>
      </li>
      <li>
        <kbd>{hasPad ? 'X' : 'E'}</kbd> zap a drone
      </li>
    </ul>
  )
}

/** The next press of the space bar is for the game, not for this button. */
function letGo({ currentTarget, detail }: MouseEvent<HTMLButtonElement>): void {
  if (detail > 0) currentTarget.blur()
}
