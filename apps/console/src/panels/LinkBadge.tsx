import { useStore } from '../app/store.js'
import type { LinkStatus, LiveLink } from '../live/live-link.js'

const WORDS: Readonly<Record<LinkStatus['state'], string>> = {
  connecting: 'connecting',
  online: 'live',
  lost: 'reconnecting',
  closed: 'closed',
}

export function LinkBadge({ link }: { readonly link: LiveLink }) {
  const { state } = useStore(link.status)
  return (
    <p className="link-badge" data-state={state} data-testid="link-state" role="status">
      <span className="dot" aria-hidden="true" />
      {WORDS[state]}
    </p>
  )
}
