import { useModel } from '../app/console-model.js'
import type { Route } from '../app/route.js'
import { useStore } from '../app/store.js'
import { compact } from '../format.js'
import { LinkBadge } from './LinkBadge.js'

/** Where one is, how the connection stands, and who is here. */
export function TopBar({ page }: { readonly page: Route['page'] }) {
  const model = useModel()
  const stats = useStore(model.stats.latest)
  const identity = useStore(model.session.identity)
  const link = useStore(model.session.link)
  const { page: own } = model.view
  const isOfWorld = page === 'home' || page === 'live' || page === 'galaxy'
  return (
    <header className="top-bar">
      <p className="brand">
        <svg viewBox="0 0 32 24" aria-hidden="true">
          <path d="M1 21 11 6l6 9 4-6 10 12z" />
        </svg>
        <span className="brand-name">Terrane</span>
        <span className="brand-world" data-testid="world-name">
          {model.view.title}
        </span>
      </p>
      <nav className="top-nav" aria-label="Pages">
        {own !== undefined && (
          <a href="#/" aria-current={page === 'home' ? 'page' : undefined} data-testid="page-home">
            {own.title}
          </a>
        )}
        <a
          href={own === undefined ? '#/' : '#/live'}
          aria-current={page === 'live' ? 'page' : undefined}
          data-testid="page-live"
        >
          Live
        </a>
        <a href="#/galaxy" aria-current={page === 'galaxy' ? 'page' : undefined} data-testid="page-galaxy">
          Galaxy
        </a>
        <a
          href="#/simulations"
          aria-current={page === 'simulations' ? 'page' : undefined}
          data-testid="page-simulations"
        >
          Simulations
        </a>
        <a href="#/nodes" aria-current={page === 'nodes' ? 'page' : undefined} data-testid="page-nodes">
          Nodes
        </a>
      </nav>
      {link !== undefined && <LinkBadge link={link} />}
      <p className="top-figures">
        {stats !== undefined && (
          <>
            <span>
              <b data-testid="sessions">{compact(stats.sessions)}</b> here
            </span>
            <span className="wide-only">
              <b>{compact(stats.zones.reduce((sum, zone) => sum + zone.entities, 0))}</b> rows
            </span>
          </>
        )}
      </p>
      {isOfWorld && (identity.state === 'watching' || identity.state === 'joining') && (
        <button
          type="button"
          className="button primary"
          data-testid="sign-in"
          disabled={identity.state === 'joining'}
          onClick={() => void model.session.play()}
        >
          {identity.state === 'joining' ? 'Joining…' : 'Play as guest'}
        </button>
      )}
    </header>
  )
}
