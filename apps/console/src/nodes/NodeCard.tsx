import { type FormEvent, useState } from 'react'
import { duration } from '../format.js'
import type { JobsApi, NodeChange, NodeInfo } from '../jobs/jobs-api.js'
import { failureOf } from '../live/input-feed.js'
import { pausedText } from './fleet.js'
import { describeShare, LEVELS, levelOf, parseGuilds, type ShareLevel, shareOf } from './share.js'

interface NodeCardProps {
  readonly api: JobsApi
  readonly node: NodeInfo
  readonly isThisBrowser: boolean
  onChanged(): void
}

/** One node: how it stands, whom it computes for, its settings, and its removal. */
export function NodeCard({ api, node, isThisBrowser, onChanged }: NodeCardProps) {
  const [problem, setProblem] = useState<string>()
  const paused = pausedText(node)
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work()
      setProblem(undefined)
      onChanged()
    } catch (thrown) {
      setProblem(failureOf(thrown).message)
    }
  }
  return (
    <section className="card node-card" data-testid="node" data-status={node.status}>
      <div className="card-head">
        <h2>{node.name}</h2>
        {isThisBrowser && <small>this browser</small>}
        {paused !== undefined && <small data-testid="node-paused">{paused}</small>}
        <span className="job-status" data-status={node.status === 'online' ? 'completed' : 'cancelled'}>
          {node.status === 'online' ? 'online' : `seen ${duration((Date.now() - node.lastSeenAt) / 1_000)} ago`}
        </span>
        <button
          type="button"
          className="button small"
          title="A node that is paused finishes what it has, and gets nothing more"
          disabled={node.pausedBy === 'operator'}
          onClick={() => void attempt(() => api.changeNode(node.publicKey, { paused: paused === undefined }))}
        >
          {paused === undefined ? 'Pause' : 'Resume'}
        </button>
      </div>
      {node.distrust !== undefined && <p className="problem">It gets no more work: {node.distrust}.</p>}
      <p className="hint">
        {Math.min(node.maxParallel, node.totalCores)} of {node.totalCores} cores · {node.platform} ·{' '}
        <span data-testid="shared-with">{describeShare(node.share)}</span> · <code>{node.publicKey.slice(0, 8)}…</code>
      </p>
      <Settings node={node} onSave={(change) => attempt(() => api.changeNode(node.publicKey, change))} />
      <Removal name={node.name} onRemove={() => attempt(() => api.removeNode(node.publicKey))} />
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  )
}

function Settings({ node, onSave }: { readonly node: NodeInfo; onSave(change: NodeChange): Promise<void> }) {
  const [level, setLevel] = useState<ShareLevel>(levelOf(node.share))
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const guilds = parseGuilds(String(fields.get('guilds') ?? node.share.guilds.join(' ')))
    void onSave({
      name: String(fields.get('name')),
      maxParallel: Number(fields.get('maxParallel')),
      share: shareOf(level, guilds),
    })
  }
  return (
    <details>
      <summary>Settings</summary>
      <form className="node-settings" onSubmit={submit}>
        <div className="field-row">
          <label className="field">
            <span>Name</span>
            <input name="name" required maxLength={80} defaultValue={node.name} />
          </label>
          <label className="field">
            <span>Cores</span>
            <input name="maxParallel" type="number" min={1} max={node.totalCores} defaultValue={node.maxParallel} />
          </label>
        </div>
        <fieldset className="segments" aria-label="Whose simulations it computes">
          {LEVELS.map(({ id, label }) => (
            <button key={id} type="button" aria-pressed={id === level} onClick={() => setLevel(id)}>
              {label}
            </button>
          ))}
        </fieldset>
        {level !== 'me' && (
          <label className="field">
            <span>Guilds (ids, by spaces)</span>
            <input name="guilds" required={level === 'guild'} defaultValue={node.share.guilds.join(' ')} />
          </label>
        )}
        <button type="submit" className="button primary">
          Save
        </button>
      </form>
    </details>
  )
}

/** A node that is removed never comes back with its key: whoever removes it types its name. */
function Removal({ name, onRemove }: { readonly name: string; onRemove(): Promise<void> }) {
  const [typed, setTyped] = useState('')
  return (
    <details>
      <summary>Remove</summary>
      <div className="field-row node-removal">
        <label className="field">
          <span>Type “{name}” to remove it for good</span>
          <input value={typed} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />
        </label>
        <button type="button" className="button danger" disabled={typed !== name} onClick={() => void onRemove()}>
          Remove
        </button>
      </div>
    </details>
  )
}
