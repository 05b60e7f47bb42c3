import { useCallback, useState } from 'react'
import { useStore } from '../app/store.js'
import { usePolled } from '../app/use-polled.js'
import type { FleetNode, JobsApi } from '../jobs/jobs-api.js'
import { failureOf } from '../live/input-feed.js'
import { OperatorForm } from '../panels/OperatorForm.js'
import type { ZoneMapApi } from '../zones/zone-map-api.js'
import { heldText, speedText, stateText, trustText } from './fleet.js'

const LOOK_MS = 2_000

interface FleetPanelProps {
  /** With an operator's token. */
  readonly api: JobsApi
  /** Where this page keeps that token. */
  readonly operator: Pick<ZoneMapApi, 'operator' | 'offer'>
}

/** Everybody's nodes, for operators: how they stand, how far they are trusted, what they have. */
export function FleetPanel({ api, operator }: FleetPanelProps) {
  const isOperator = useStore(operator.operator) !== undefined
  return (
    <section className="card" data-testid="everybodys-nodes">
      <h2>Everybody’s nodes</h2>
      {isOperator ? (
        <Fleet api={api} />
      ) : (
        <OperatorForm summary="For operators" offer={(token) => operator.offer(token)} />
      )}
    </section>
  )
}

function Fleet({ api }: { readonly api: JobsApi }) {
  const ask = useCallback(() => api.fleet(), [api])
  const { value: nodes, problem, refresh } = usePolled(ask, () => LOOK_MS)
  const [refusal, setRefusal] = useState<string>()
  const pause = async ({ publicKey, pausedBy }: FleetNode) => {
    try {
      await api.pauseAny(publicKey, pausedBy === undefined)
      setRefusal(undefined)
    } catch (thrown) {
      setRefusal(failureOf(thrown).message)
    }
    refresh()
  }
  return (
    <>
      {(refusal ?? problem) !== undefined && (
        <p className="problem" role="alert">
          {refusal ?? problem}
        </p>
      )}
      {nodes?.length === 0 && <p className="hint">Nobody has registered a node yet.</p>}
      {nodes !== undefined && nodes.length > 0 && (
        <div className="table-scroll">
          <table className="data">
            <thead>
              <tr>
                <th>Node</th>
                <th>State</th>
                <th>Cores</th>
                <th>Speed</th>
                <th>Has</th>
                <th>Trust</th>
                <th>Version</th>
                <th />
              </tr>
            </thead>
            <tbody>
              {nodes.map((node) => (
                <tr key={node.publicKey} data-testid={`fleet-${node.publicKey}`}>
                  <th scope="row" title={`${node.publicKey}, ${node.platform}`}>
                    {node.name} <small>{node.userId}</small>
                  </th>
                  <td title={node.activity?.outdated}>{stateText(node)}</td>
                  <td>
                    {Math.min(node.maxParallel, node.totalCores)} of {node.totalCores}
                  </td>
                  <td>{speedText(node)}</td>
                  <td>{heldText(node)}</td>
                  <td title={node.distrust}>{trustText(node)}</td>
                  <td>{node.version}</td>
                  <td>
                    <button type="button" className="button small" onClick={() => void pause(node)}>
                      {node.pausedBy === undefined ? 'Pause' : 'Resume'}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}
