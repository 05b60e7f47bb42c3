import type { ReactNode } from 'react'

/** A name and a value. */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

interface RowProps {
  readonly label: ReactNode
  readonly detail?: ReactNode
  /** CSS colour of the sign before it. */
  readonly color?: string | undefined
  readonly isRing?: boolean
  onClick(): void
}

/** Something to go to. */
export function Row({ label, detail, color, isRing = false, onClick }: RowProps) {
  return (
    <li>
      <button type="button" className="galaxy-row" onClick={onClick}>
        {color !== undefined && (
          <i
            className={isRing ? 'swatch ring' : 'swatch'}
            style={isRing ? { borderColor: color } : { background: color }}
          />
        )}
        <span>{label}</span>
        {detail !== undefined && <small>{detail}</small>}
      </button>
    </li>
  )
}

interface HeadProps {
  readonly title: string
  readonly detail: ReactNode
}

export function Head({ title, detail }: HeadProps) {
  return (
    <header className="galaxy-head">
      <h2 data-testid="galaxy-title">{title}</h2>
      <p>{detail}</p>
    </header>
  )
}

export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="galaxy-section">
      <h3>{title}</h3>
      {children}
    </section>
  )
}
