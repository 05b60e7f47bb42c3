import { useStore } from '../app/store.js'
import { useSeconds } from '../app/use-seconds.js'
import type { LiveLink } from '../live/live-link.js'

/** Says that the map shows the past, or why there is none yet, and when the next attempt begins. */
export function ConnectionBanner({ link }: { readonly link: LiveLink }) {
  const { state, reason, retryAtMs } = useStore(link.status)
  useSeconds()
  if (state === 'online' || (state === 'connecting' && reason === undefined)) return null
  const waitS = retryAtMs === undefined ? 0 : Math.max(0, Math.ceil((retryAtMs - performance.now()) / 1000))
  return (
    <div className="banner" role="alert" data-testid="banner" data-state={state}>
      {state === 'closed' ? (
        <>
          <b>Disconnected.</b> {reason}{' '}
          <button type="button" className="button" onClick={() => window.location.reload()}>
            Load again
          </button>
        </>
      ) : (
        <>
          <b>{state === 'lost' ? 'Connection lost.' : 'Not let in yet:'}</b>{' '}
          {state === 'lost' ? 'You see the last known state.' : `${reason}.`}{' '}
          {waitS > 0 ? `Next attempt in ${waitS} s.` : 'Trying again…'}
        </>
      )}
    </div>
  )
}
