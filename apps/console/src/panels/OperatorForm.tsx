import { type FormEvent, useState } from 'react'

interface OperatorFormProps {
  /** What an operator may do here. */
  readonly summary: string
  /** Takes a token; false when it is no operator's. */
  offer(token: string): boolean
}

/** Whoever has an operator's token gives it here. */
export function OperatorForm({ summary, offer }: OperatorFormProps) {
  const [token, setToken] = useState('')
  const [isRefused, setRefused] = useState(false)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setRefused(!offer(token.trim()))
    setToken('')
  }
  return (
    <details className="operator-form">
      <summary>{summary}</summary>
      <form onSubmit={submit}>
        <label className="field">
          <span>An operator’s token; it stays in this page</span>
          <input
            type="password"
            autoComplete="off"
            spellCheck={false}
            value={token}
            data-testid="operator-token"
            onChange={(event) => setToken(event.target.value)}
          />
        </label>
        <button type="submit" className="button" disabled={token.trim() === ''}>
          Use it
        </button>
        {isRefused && (
          <p className="problem" role="alert">
            That is no operator’s token: its claim “role” must be “operator”.
          </p>
        )}
      </form>
    </details>
  )
}
