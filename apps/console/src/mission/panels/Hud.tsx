import { type Mission, TERMINAL } from '@terrane/world-maglev'
import { useEffect, useRef } from 'react'
import { useModel } from '../../app/console-model.js'
import { useStore } from '../../app/store.js'
import type { MissionStage } from '../draw/mission-stage.js'
import type { MissionModel } from '../model/mission-model.js'
import type { Pilot } from '../play/pilot.js'
import { usePulse } from '../use-pulse.js'

/** How long the result stands on the screen, ms. */
const RESULT_MS = 6_000
const NOTICE_MS = 2_200
const HURRY_S = 20

interface HudProps {
  readonly mission: MissionModel
  readonly stage: MissionStage | undefined
  readonly pilot: Pilot
}

/** Time, quota and how the connection does; what has just ended, and why something was refused. */
export function Hud({ mission, stage, pilot }: HudProps) {
  usePulse(200)
  const notice = useStore(pilot.notice)
  const car = mission.car(TERMINAL)
  const [latest] = mission.missions()
  const isRunning = car?.phase === 'running'
  return (
    <>
      <header className="mission-hud">
        <Clock car={car} now={mission.now()} />
        {car !== undefined && isRunning && <Quota slotted={car.slotted} quota={car.quota} />}
        {car !== undefined && !isRunning && <p className="mission-lobby">{lobbyText(latest)}</p>}
        <Bank stage={stage} />
        <Health mission={mission} stage={stage} pilot={pilot} />
      </header>
      <Result mission={latest} now={mission.now()} isRunning={isRunning} />
      {notice !== undefined && performance.now() - notice.at < NOTICE_MS && (
        <p className="mission-notice" role="status" data-testid="mission-notice">
          {notice.text}
        </p>
      )}
    </>
  )
}

function lobbyText(latest: Mission | undefined): string {
  if (latest?.result == null) return 'The train is on its way. Start a mission when your crew is here.'
  return `Mission ${latest.id} was ${latest.result}: ${latest.slotted} of ${latest.quota} cores.`
}

const PHASES: Readonly<Record<string, string>> = { lobby: 'Lobby', running: 'Mission', debrief: 'Debrief' }

function Clock({ car, now }: { readonly car: ReturnType<MissionModel['car']>; readonly now: number }) {
  if (car === undefined) return <p className="mission-clock">Connecting…</p>
  const isRunning = car.phase === 'running'
  const leftS = isRunning ? Math.max(0, Math.ceil((car.endsAt - now) / 1_000)) : 0
  const text = isRunning ? `${Math.floor(leftS / 60)}:${String(leftS % 60).padStart(2, '0')}` : '–:––'
  return (
    <p className="mission-clock" data-hurry={isRunning && leftS <= HURRY_S}>
      <span data-testid="mission-phase" data-phase={car.phase}>
        {PHASES[car.phase] ?? car.phase} {isRunning ? car.mission : ''}
      </span>
      <b data-testid="mission-time">{text}</b>
    </p>
  )
}

function Quota({ slotted, quota }: { readonly slotted: number; readonly quota: number }) {
  const share = Math.min(1, slotted / Math.max(1, quota))
  return (
    <div className="mission-quota" data-met={slotted >= quota}>
      <p>
        <b data-testid="mission-slotted">{slotted}</b> of {quota} cores
        {slotted >= quota && <em> quota met</em>}
      </p>
      <div className="mission-bar" role="progressbar" aria-valuenow={slotted} aria-valuemin={0} aria-valuemax={quota}>
        <span style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  )
}

function Bank({ stage }: { readonly stage: MissionStage | undefined }) {
  const horizon = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    if (stage !== undefined) stage.horizon = horizon.current ?? undefined
  }, [stage])
  return (
    <p className="mission-bank" title="How far the floor leans across the train: cores roll to its low side">
      <canvas ref={horizon} />
      <span data-testid="mission-bank">{`${Math.abs(stage?.degrees.roll ?? 0).toFixed(1)}°`}</span>
    </p>
  )
}

/** Ticks per second as they arrive, the way of an input and back, and pictures per second. */
function Health({ mission, stage, pilot }: HudProps) {
  const { stats } = useModel()
  const isRunning = mission.car(TERMINAL)?.phase === 'running'
  const rate = isRunning ? mission.ticks[TERMINAL].rate(performance.now()) : undefined
  const latencyMs = pilot.latencyMs ?? stats.roundTripMs
  const why = pilot.latencyMs === undefined ? 'a question over HTTP, there and back' : 'from an input to its answer'
  return (
    <dl className="mission-health">
      <div title="Ticks of the train per second, as they arrive here">
        <dt>Ticks</dt>
        <dd data-testid="mission-ticks">{rate === undefined ? '–' : `${rate.toFixed(1)}/s`}</dd>
      </div>
      <div title={why}>
        <dt>Latency</dt>
        <dd data-testid="mission-latency">{latencyMs === undefined ? '–' : `${Math.round(latencyMs)} ms`}</dd>
      </div>
      <div className="wide-only" title="Pictures per second of this page">
        <dt>Picture</dt>
        <dd>{stage === undefined ? '–' : `${Math.round(stage.framesPerS)} fps`}</dd>
      </div>
    </dl>
  )
}

function Result({
  mission,
  now,
  isRunning,
}: {
  readonly mission: Mission | undefined
  readonly now: number
  readonly isRunning: boolean
}) {
  if (mission?.endedAt == null || isRunning || now - mission.endedAt > RESULT_MS) return null
  const isWon = mission.result === 'won'
  return (
    <div className="mission-result" data-won={isWon} role="status" data-testid="mission-result">
      <b>{isWon ? 'Mission won' : 'Mission lost'}</b>
      <span>
        {mission.slotted} of {mission.quota} cores are in the mainframe
      </span>
    </div>
  )
}
