import { type FormEvent, useState } from 'react'
import { useModel } from '../app/console-model.js'
import { useStore } from '../app/store.js'
import { KindCounts } from './KindCounts.js'

/** The way from watching to playing. */
export function SignIn() {
  const model = useModel()
  const identity = useStore(model.session.identity)
  const watching = useStore(model.session.link) !== undefined
  const joining = identity.state === 'joining'
  const tokenWanted = !model.view.descriptor.guests || (identity.state === 'refused' && identity.needsToken)
  return (
    <div className="sign-in" data-testid="sign-in-panel">
      <h2>{watching ? 'You are watching' : 'Come in'}</h2>
      {tokenWanted ? (
        <TokenForm />
      ) : (
        <>
          <p>Everything here is live. Take a ship of your own and it will still be there when you come back.</p>
          <button
            type="button"
            className="button primary wide"
            disabled={joining}
            data-testid="sign-in-guest"
            onClick={() => void model.session.play()}
          >
            {joining ? 'Joining…' : 'Play as guest'}
          </button>
        </>
      )}
      {identity.state === 'refused' && (
        <p className="problem" role="alert">
          {identity.message}
        </p>
      )}
      {watching && <KindCounts />}
    </div>
  )
}

function TokenForm() {
  const model = useModel()
  const [token, setToken] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (token.trim() !== '') void model.session.play(token.trim())
  }
  return (
    <form onSubmit={submit} className="token-form">
      <p>
        This server takes no guests. To play, ask whoever runs it for a token: a JWT whose <code>sub</code> is your
        player id, signed with the server’s key. Paste it here; it stays in this page.
      </p>
      <label className="field">
        <span>Token</span>
        <input
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={token}
          data-testid="token"
          onChange={(event) => setToken(event.target.value)}
        />
      </label>
      <button type="submit" className="button primary wide" disabled={token.trim() === ''}>
        Play
      </button>
    </form>
  )
}
