import { useCallback } from 'react'
import { simulationHash } from '../app/route.js'
import { usePolled } from '../app/use-polled.js'
import { duration, title } from '../format.js'
import { JobForm } from './JobForm.js'
import { JobView } from './JobView.js'
import type { Job, JobsApi } from './jobs-api.js'
import { STRATEGIES } from './presets.js'

const LOOK_MS = { whileRunning: 1_000, atRest: 5_000 }

interface SimulationsPageProps {
  readonly api: JobsApi
  readonly jobId: string | undefined
}

/** Submits simulations, lists them, and shows one. */
export function SimulationsPage({ api, jobId }: SimulationsPageProps) {
  const ask = useCallback(() => api.jobs(), [api])
  const {
    value: jobs,
    problem,
    refresh,
  } = usePolled(ask, (seen) =>
    seen?.some(({ status }) => status === 'pending' || status === 'running') ? LOOK_MS.whileRunning : LOOK_MS.atRest,
  )
  const open = (id: string) => {
    refresh()
    window.location.hash = simulationHash(id)
  }
  return (
    <main className="page" data-testid="simulations">
      <div className="page-columns">
        <div className="page-side">
          <JobForm api={api} onSubmitted={open} />
          <section className="card">
            <h2>Your simulations</h2>
            {problem !== undefined && <p className="problem">{problem}</p>}
            {jobs?.length === 0 && <p className="hint">None yet.</p>}
            <ul className="job-list">
              {jobs?.map((job) => (
                <li key={job.id}>
                  <a href={simulationHash(job.id)} aria-current={job.id === jobId ? 'page' : undefined}>
                    <b>{titleOf(job)}</b>
                    <span className="job-status" data-status={job.status}>
                      {job.status}
                    </span>
                    <small>{duration((Date.now() - job.createdAt) / 1_000)} ago</small>
                  </a>
                </li>
              ))}
            </ul>
          </section>
        </div>
        <div className="page-main">
          {jobId === undefined ? (
            <section className="card empty">
              <h2>How much damage does a character do?</h2>
              <p className="hint">
                A simulation fights thousands of times on the machines of contributors, in your browser too, and comes
                to the same bytes whoever computes it. Choose a character and submit it.
              </p>
              <p>
                <a className="button" href="#/nodes">
                  Let this browser compute
                </a>
              </p>
            </section>
          ) : (
            <JobView key={jobId} api={api} id={jobId} />
          )}
        </div>
      </div>
    </main>
  )
}

function titleOf({ meta }: Pick<Job, 'meta'>): string {
  const strategy = STRATEGIES.find(({ id }) => id === meta.strategy)
  return `${title(meta.spec ?? 'Simulation')}${strategy === undefined ? '' : ` · ${strategy.label.toLowerCase()}`}`
}
