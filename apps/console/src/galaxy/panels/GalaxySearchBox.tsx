import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import type { Galaxy } from '../model/galaxy.js'
import { type Finding, GalaxySearch } from '../model/search.js'
import type { Target } from '../model/target.js'

interface GalaxySearchBoxProps {
  readonly galaxy: Galaxy
  onGo(target: Target): void
}

/** Finds by name or number, and goes there. A slash anywhere on the page begins a search. */
export function GalaxySearchBox({ galaxy, onGo }: GalaxySearchBoxProps) {
  const search = useMemo(() => new GalaxySearch(galaxy), [galaxy])
  const [query, setQuery] = useState('')
  const [active, setActive] = useState(0)
  const [isOpen, setOpen] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const base = useId()
  const findings = useMemo(() => search.find(query), [search, query])

  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return
      event.preventDefault()
      input.current?.focus()
      input.current?.select()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])

  const choose = (finding: Finding | undefined) => {
    if (finding === undefined) return
    setOpen(false)
    setQuery(finding.label)
    input.current?.blur()
    onGo(finding.target)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : -1
      setActive((current) => (current + step + findings.length) % Math.max(1, findings.length))
      setOpen(true)
    } else if (event.key === 'Enter') choose(findings[active])
    else if (event.key === 'Escape') {
      if (isOpen && query !== '') setOpen(false)
      else input.current?.blur()
    } else return
    event.preventDefault()
  }
  const isListed = isOpen && query.trim() !== ''
  return (
    <search className="galaxy-search">
      <svg viewBox="0 0 20 20" aria-hidden="true">
        <circle cx="9" cy="9" r="5.5" />
        <path d="m13 13 4 4" />
      </svg>
      <input
        ref={input}
        type="text"
        role="combobox"
        placeholder="Find a sector, region, cluster…"
        aria-label="Find a sector, region, cluster, formation, station or planet"
        aria-expanded={isListed}
        aria-controls={`${base}-list`}
        aria-activedescendant={isListed && findings.length > 0 ? `${base}-${active}` : undefined}
        autoComplete="off"
        spellCheck={false}
        data-testid="galaxy-search"
        value={query}
        onChange={(event) => {
          setQuery(event.target.value)
          setActive(0)
          setOpen(true)
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      <kbd className="wide-only">/</kbd>
      {isListed && (
        <div id={`${base}-list`} role="listbox" aria-label="Found" className="galaxy-findings">
          {findings.map((finding, index) => (
            <div
              key={JSON.stringify([finding.target, finding.label])}
              id={`${base}-${index}`}
              role="option"
              aria-selected={index === active}
              tabIndex={-1}
              className="galaxy-finding"
              data-testid="galaxy-finding"
              // Before the field loses the focus and the list with it.
              onPointerDown={(event) => {
                event.preventDefault()
                choose(finding)
              }}
            >
              <span>{finding.label}</span>
              <small>{finding.detail}</small>
            </div>
          ))}
          {findings.length === 0 && <p className="hint">Nothing has “{query.trim()}” in its name.</p>}
        </div>
      )}
    </search>
  )
}
