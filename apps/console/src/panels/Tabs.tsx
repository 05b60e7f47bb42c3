import { type KeyboardEvent, type ReactNode, useId } from 'react'

interface Tab {
  readonly id: string
  readonly label: string
  /** Its panel has something that should be looked at. */
  readonly mark?: 'warn' | 'bad' | undefined
  readonly content: ReactNode
}

interface TabsProps {
  readonly label: string
  readonly tabs: readonly Tab[]
  readonly active: string
  onActivate(id: string): void
}

/** A row of tabs and the panel of the active one; arrow keys move between them. */
export function Tabs({ label, tabs, active, onActivate }: TabsProps) {
  const base = useId()
  const index = Math.max(
    0,
    tabs.findIndex((tab) => tab.id === active),
  )
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    const next = tabs[(index + step + tabs.length) % tabs.length]
    if (next === undefined) return
    onActivate(next.id)
    document.getElementById(`${base}-${next.id}`)?.focus()
  }
  const current = tabs[index]
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            id={`${base}-${tab.id}`}
            type="button"
            role="tab"
            className="tab"
            aria-selected={tab === current}
            aria-controls={`${base}-panel`}
            tabIndex={tab === current ? 0 : -1}
            data-testid={`tab-${tab.id}`}
            onClick={() => onActivate(tab.id)}
          >
            {tab.label}
            {tab.mark !== undefined && (
              <span className="tab-mark" data-level={tab.mark} role="img" aria-label={tab.mark} />
            )}
          </button>
        ))}
      </div>
      <div
        id={`${base}-panel`}
        className="tab-panel"
        role="tabpanel"
        aria-labelledby={current === undefined ? undefined : `${base}-${current.id}`}
      >
        {current?.content}
      </div>
    </>
  )
}
