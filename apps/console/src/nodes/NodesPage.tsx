import { useCallback, useState } from 'react'
import { useStore } from '../app/store.js'
import { usePolled } from '../app/use-polled.js'
import { compact } from '../format.js'
import { Figure } from '../jobs/Figure.js'
import type { JobsApi } from '../jobs/jobs-api.js'
import { failureOf } from '../live/input-feed.js'
import type { ZoneMapApi } from '../zones/zone-map-api.js'
import type { BrowserNode } from './browser-node.js'
import { FleetPanel } from './FleetPanel.js'
import { NodeCard } from './NodeCard.js'

const LOOK_MS = 2_000

interface NodesPageProps {
  readonly api: JobsApi
  readonly browserNode: BrowserNode
  /** The same with an operator's token, and where this page keeps it. */
  readonly asOperator: JobsApi
  readonly operator: Pick<ZoneMapApi, 'operator' | 'offer'>
}

/** The user's fleet: what computes for them and for whom they let it, this browser among it. */
export function NodesPage({ api, browserNode, asOperator, operator }: NodesPageProps) {
  const ask = useCallback(() => api.nodes(), [api])
  const { value, problem, refresh } = usePolled(ask, () => LOOK_MS)
  const state = useStore(browserNode.state)
  const nodes = (value ?? []).filter(({ status }) => status !== 'revoked')
  const online = nodes.filter(({ status }) => status === 'online')
  const capacity = online.reduce((sum, node) => sum + Math.min(node.maxParallel, node.totalCores), 0)
  const shared = online.filter(({ share }) => share.public || share.friends || share.guilds.length > 0)
  return (
    <main className="page" data-testid="nodes">
      <div className="page-columns">
        <div className="page-side">
          <BrowserNodeCard node={browserNode} />
          <AddNode api={api} />
        </div>
        <div className="page-main">
          <section className="card" data-testid="fleet">
            <h2>Your fleet</h2>
            <dl className="figures">
              <Figure label="nodes" value={String(nodes.length)} />
              <Figure label="online" value={String(online.length)} />
              <Figure label="chunks at a time" value={String(capacity)} />
              <Figure label="online and shared" value={String(shared.length)} />
            </dl>
            {problem !== undefined && <p className="problem">{problem}</p>}
          </section>
          {value !== undefined && nodes.length === 0 && (
            <section className="card empty">
              <h2>No nodes yet</h2>
              <p className="hint">Switch this browser on, or add a machine with a claim token.</p>
            </section>
          )}
          {nodes.map((node) => (
            <NodeCard
              key={node.publicKey}
              api={api}
              node={node}
              isThisBrowser={state.state === 'on' && state.publicKey === node.publicKey}
              onChanged={refresh}
            />
          ))}
          <FleetPanel api={asOperator} operator={operator} />
        </div>
      </div>
    </main>
  )
}

function BrowserNodeCard({ node }: { readonly node: BrowserNode }) {
  const state = useStore(node.state)
  const { chunks, fights } = useStore(node.work)
  const coresMax = Math.max(1, navigator.hardwareConcurrency)
  const [cores, setCores] = useState(Math.max(1, coresMax - 1))
  const isOn = state.state === 'on' || state.state === 'starting'
  return (
    <section className="card" data-testid="browser-node" data-state={state.state}>
      <div className="card-head">
        <h2>This browser</h2>
        <label className="power">
          <input
            type="checkbox"
            role="switch"
            checked={isOn}
            aria-checked={isOn}
            disabled={state.state === 'starting' || state.state === 'stopping'}
            onChange={() => void (isOn ? node.stop() : node.start(cores))}
          />
          <span>{state.state === 'failed' ? 'off' : state.state}</span>
        </label>
      </div>
      <p className="hint">
        Computes simulations in Web Workers while this page is open, whichever part of it you look at.
      </p>
      <label className="field">
        <span>
          Cores: {cores} of {coresMax}
        </span>
        <input
          type="range"
          min={1}
          max={coresMax}
          value={cores}
          disabled={state.state !== 'off' && state.state !== 'failed'}
          onChange={(event) => setCores(Number(event.target.value))}
        />
      </label>
      <dl className="figures">
        <Figure label="chunks computed" value={compact(chunks)} />
        <Figure label="fights" value={compact(fights)} />
      </dl>
      {state.state === 'failed' && (
        <p className="problem" role="alert">
          {state.message}
        </p>
      )}
    </section>
  )
}

function AddNode({ api }: { readonly api: JobsApi }) {
  const [token, setToken] = useState<string>()
  const [problem, setProblem] = useState<string>()
  const make = async () => {
    try {
      setToken(await api.claimToken())
      setProblem(undefined)
    } catch (thrown) {
      setProblem(failureOf(thrown).message)
    }
  }
  return (
    <section className="card" data-testid="add-node">
      <h2>Add a machine</h2>
      {token === undefined ? (
        <p className="hint">A claim token makes a machine yours. It is valid for a day and shown once.</p>
      ) : (
        <>
          <p className="hint">Run this on the machine; it appears here when it has registered.</p>
          <code className="command" data-testid="claim-command">
            npx terrane node --server {api.server} --claim-token {token}
          </code>
        </>
      )}
      {problem !== undefined && <p className="problem">{problem}</p>}
      <button type="button" className="button wide" onClick={() => void make()}>
        {token === undefined ? 'Make a claim token' : 'Make another'}
      </button>
    </section>
  )
}
