import { TerraneError } from '@terrane/core'
import type { MappedRange, MappedZone, ZoneMapInfo } from '@terrane/protocol'
import { type CSSProperties, useCallback, useState } from 'react'
import { useStore } from '../app/store.js'
import { usePolled } from '../app/use-polled.js'
import { OperatorForm } from '../panels/OperatorForm.js'
import { holderName } from './process-health.js'
import { AUTHORITIES, neighboursOf, shareText } from './zone-map.js'
import type { ZoneChange, ZoneMapApi } from './zone-map-api.js'

const LOOK_MS = 3_000

/** Which zone has how much of space and of the players, and which process has the zone; operators change it here. */
export function ZoneMapPanel({ api }: { readonly api: ZoneMapApi }) {
  const ask = useCallback(() => api.read(), [api])
  const { value: map, refresh } = usePolled(ask, () => LOOK_MS)
  const [outcome, setOutcome] = useState<Outcome>()
  const [running, setRunning] = useState<string>()
  const isOperator = useStore(api.operator) !== undefined
  if (map === undefined || map.ranges.length === 0) return null

  const change = async (zone: string, wanted: ZoneChange) => {
    setRunning(zone)
    setOutcome(undefined)
    try {
      const { rows, from, into } = await api.change(wanted)
      setOutcome({ isDone: true, text: `${rows.toLocaleString('en')} rows went from ${from} to ${into}.` })
    } catch (thrown) {
      setOutcome({ isDone: false, text: refusalText(thrown) })
    }
    setRunning(undefined)
    refresh()
  }
  return (
    <section className="ops zone-map" data-testid="zone-map" data-version={map.version} aria-label="Zone map">
      <h2>
        Zone map <small>version {map.version}</small>
      </h2>
      {AUTHORITIES.map(({ authority, title }) => (
        <Part key={authority} title={title} ranges={map.ranges.filter((range) => range.authority === authority)} />
      ))}
      <ul className="zone-list">
        {map.zones.map((zone) => (
          <ZoneItem
            key={zone.zone}
            zone={zone}
            map={map}
            api={api}
            isRunning={running === zone.zone}
            onChange={(wanted) => void change(zone.zone, wanted)}
          />
        ))}
      </ul>
      {outcome !== undefined && (
        <p className={outcome.isDone ? 'hint' : 'problem'} role={outcome.isDone ? 'status' : 'alert'}>
          {outcome.text}
        </p>
      )}
      {!isOperator && <OperatorForm summary="Split and merge" offer={(token) => api.offer(token)} />}
    </section>
  )
}

interface Outcome {
  readonly isDone: boolean
  readonly text: string
}

function refusalText(thrown: unknown): string {
  if (!(thrown instanceof TerraneError)) return 'The server does not answer.'
  return [thrown.message, thrown.hint].filter((part) => part !== undefined).join('. ')
}

/** All codes of an authority as one bar, cut where they pass from one zone to another. */
function Part({ title, ranges }: { readonly title: string; readonly ranges: readonly MappedRange[] }) {
  if (ranges.length === 0) return null
  return (
    <div className="zone-part">
      <h3>{title}</h3>
      <div className="zone-bar">
        {ranges.map(({ zone, lo, hi }) => (
          <span
            key={lo}
            style={{ '--codes': hi + 1 - lo, '--hue': hueOf(zone) } as CSSProperties}
            title={`${zone}: codes ${lo} to ${hi}`}
          />
        ))}
      </div>
    </div>
  )
}

/** Neighbours are mostly zones that were split from each other: their numbers are far apart in colour. */
function hueOf(zone: string): number {
  return (Number(/\d+$/.exec(zone)?.[0] ?? 0) * 137.5) % 360
}

interface ZoneItemProps {
  readonly zone: MappedZone
  readonly map: ZoneMapInfo
  readonly api: ZoneMapApi
  readonly isRunning: boolean
  onChange(change: ZoneChange): void
}

function ZoneItem({ zone, map, api, isRunning, onChange }: ZoneItemProps) {
  const isOperator = useStore(api.operator) !== undefined
  const facts = [shareText(zone.share)]
  if (zone.epoch !== null) facts.push(`epoch ${zone.epoch}`)
  if (zone.entities !== null) facts.push(`${zone.entities.toLocaleString('en')} rows`)
  return (
    <li data-testid={`mapped-${zone.zone}`}>
      <p>
        <i style={{ '--hue': hueOf(zone.zone) } as CSSProperties} />
        <b>{zone.zone}</b>
        <span>{facts.join(', ')}</span>
      </p>
      <p>{zone.owner === null ? 'not open' : holderName({ ...zone, owner: zone.owner })}</p>
      {isOperator && (
        <p className="zone-changes">
          <Confirmed
            label="Split"
            question={`Split ${zone.zone}`}
            isDisabled={isRunning}
            onConfirm={() => onChange({ change: 'split', zone: zone.zone })}
          />
          {neighboursOf(map, zone.zone).map((into) => (
            <Confirmed
              key={into}
              label={`Merge into ${into}`}
              question={`Merge ${zone.zone} into ${into}`}
              isDisabled={isRunning}
              onConfirm={() => onChange({ change: 'merge', zone: zone.zone, into })}
            />
          ))}
        </p>
      )}
    </li>
  )
}

interface ConfirmedProps {
  readonly label: string
  readonly question: string
  readonly isDisabled: boolean
  onConfirm(): void
}

/** A button that asks first: everybody in the zone is sent away for a moment. */
function Confirmed({ label, question, isDisabled, onConfirm }: ConfirmedProps) {
  const [isArmed, setArmed] = useState(false)
  const press = () => {
    if (isArmed) onConfirm()
    setArmed(!isArmed)
  }
  return (
    <button
      type="button"
      className={isArmed ? 'button small primary' : 'button small'}
      disabled={isDisabled}
      onClick={press}
      onBlur={() => setArmed(false)}
    >
      {isArmed ? `${question}: yes` : label}
    </button>
  )
}
