import { type FormEvent, useState } from 'react'
import { title } from '../format.js'
import { failureOf } from '../live/input-feed.js'
import type { JobsApi, SimConfig, Strategy } from './jobs-api.js'
import { PROFILES, parseCandidates, phasesOf, STRATEGIES } from './presets.js'

const CANDIDATES = 'finger_1: quenched_band, tidal_band\nfinger_2: hollow_band'

interface JobFormProps {
  readonly api: JobsApi
  onSubmitted(id: string): void
}

/** What to simulate. The server checks it all and names the field that is wrong. */
export function JobForm({ api, onSubmitted }: JobFormProps) {
  const [strategy, setStrategy] = useState<Strategy>('single')
  const [own, setOwn] = useState<string>()
  const [problem, setProblem] = useState<string>()
  const [isSending, setSending] = useState(false)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    setSending(true)
    try {
      onSubmitted(await api.submit(simConfigOf(fields, own), sentinelConfigOf(fields, strategy)))
      setProblem(undefined)
    } catch (thrown) {
      setProblem(failureOf(thrown).message)
    } finally {
      setSending(false)
    }
  }
  return (
    <form className="card job-form" onSubmit={submit} data-testid="job-form">
      <h2>New simulation</h2>
      <fieldset className="segments" aria-label="What to find out">
        {STRATEGIES.map(({ id, label }) => (
          <button key={id} type="button" aria-pressed={id === strategy} onClick={() => setStrategy(id)}>
            {label}
          </button>
        ))}
      </fieldset>
      <p className="hint">{STRATEGIES.find(({ id }) => id === strategy)?.about}</p>
      {own === undefined ? (
        <label className="field">
          <span>Character</span>
          <select name="profile">
            {PROFILES.map(({ spec }, index) => (
              <option key={spec} value={index}>
                {title(String(spec))}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <label className="field">
          <span>Configuration (JSON)</span>
          <textarea rows={8} value={own} spellCheck={false} onChange={(event) => setOwn(event.target.value)} />
        </label>
      )}
      <button
        type="button"
        className="link"
        onClick={() => setOwn((text) => (text === undefined ? JSON.stringify(PROFILES[0], null, 2) : undefined))}
      >
        {own === undefined ? 'Use a configuration of my own' : 'Use a character from the list'}
      </button>
      <div className="field-row">
        <Field name="seconds" label="Fight, seconds" value={300} min={1} max={1_800} />
        <Field name="enemies" label="Enemies" value={1} min={1} max={20} />
      </div>
      <div className="field-row">
        <Field name="iterations" label="Fights at most" value={10_000} min={1} max={10_000_000} />
        <label className="field">
          <span>Exact to</span>
          <select name="targetError" defaultValue="">
            <option value="">all fights</option>
            <option value="0.005">0.5 %</option>
            <option value="0.001">0.1 %</option>
            <option value="0.0002">0.02 %</option>
          </select>
        </label>
      </div>
      {strategy === 'stat_weights' && <Field name="points" label="Points added" value={500} min={1} max={100_000} />}
      {strategy === 'tournament' && (
        <label className="field">
          <span>Candidates: “slot: item, item” by line</span>
          <textarea name="candidates" rows={3} defaultValue={CANDIDATES} spellCheck={false} />
        </label>
      )}
      <label className="field">
        <span>Whose nodes may compute it</span>
        <select name="access" defaultValue="public">
          <option value="own">Only mine</option>
          <option value="guild">My guilds'</option>
          <option value="friends">Friends', too</option>
          <option value="public">Everybody's who shares</option>
        </select>
      </label>
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" className="button primary wide" disabled={isSending}>
        {isSending ? 'Checking…' : 'Simulate'}
      </button>
    </form>
  )
}

interface FieldProps {
  readonly name: string
  readonly label: string
  readonly value: number
  readonly min: number
  readonly max: number
}

function Field({ name, label, value, min, max }: FieldProps) {
  return (
    <label className="field">
      <span>{label}</span>
      <input name={name} type="number" required defaultValue={value} min={min} max={max} step={1} />
    </label>
  )
}

function simConfigOf(fields: FormData, own: string | undefined): SimConfig {
  const base = own === undefined ? PROFILES[Number(fields.get('profile'))] : (JSON.parse(own) as SimConfig)
  const encounter = { seconds: Number(fields.get('seconds')), enemies: Number(fields.get('enemies')) }
  return { ...(base as SimConfig), encounter }
}

function sentinelConfigOf(fields: FormData, strategy: Strategy): object {
  const iterations = Number(fields.get('iterations'))
  const targetError = fields.get('targetError')
  return {
    strategy,
    iterations,
    access: fields.get('access'),
    ...(targetError === '' ? {} : { targetError: Number(targetError) }),
    ...(strategy === 'stat_weights' ? { statWeights: { points: Number(fields.get('points')) } } : {}),
    ...(strategy === 'tournament'
      ? {
          tournament: {
            phases: phasesOf(iterations),
            candidates: parseCandidates(String(fields.get('candidates'))),
          },
        }
      : {}),
  }
}
