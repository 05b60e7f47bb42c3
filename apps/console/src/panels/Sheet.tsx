import { type PointerEvent, type ReactNode, useRef } from 'react'

const DETENTS = ['peek', 'half', 'full'] as const
export type Detent = (typeof DETENTS)[number]

/** A drag shorter than this is a tap on the handle. */
const DRAG_MIN_PX = 24
/** As in narrow.css. */
const HALF_SHARE = 0.52
const PEEK_PX = 60

/** How much more of the stage than at its lowest the sheet covers, CSS pixels. */
export function coveredBy(detent: Detent): number {
  return detent === 'peek' ? 0 : Math.round(window.innerHeight * HALF_SHARE) - PEEK_PX
}

interface SheetProps {
  readonly detent: Detent
  onDetent(detent: Detent): void
  readonly children: ReactNode
}

/** A panel over the lower part of narrow screens, at three heights, moved by its handle. */
export function Sheet({ detent, onDetent, children }: SheetProps) {
  const dragFrom = useRef<number>(undefined)
  const step = (by: number) => {
    onDetent(DETENTS[Math.min(DETENTS.length - 1, Math.max(0, DETENTS.indexOf(detent) + by))] ?? 'peek')
  }
  const onPointerUp = (event: PointerEvent) => {
    const from = dragFrom.current
    dragFrom.current = undefined
    if (from === undefined) return
    const moved = event.clientY - from
    if (Math.abs(moved) >= DRAG_MIN_PX) step(moved < 0 ? 1 : -1)
    else onDetent(detent === 'peek' ? 'half' : 'peek')
  }
  return (
    <aside className="sheet" data-detent={detent} data-testid="sheet" aria-label="Panels">
      <button
        type="button"
        className="sheet-handle"
        aria-expanded={detent !== 'peek'}
        aria-label={detent === 'peek' ? 'Open the panels' : 'Close the panels'}
        onPointerDown={(event) => {
          dragFrom.current = event.clientY
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerUp={onPointerUp}
        onKeyDown={(event) => {
          if (event.key === 'ArrowUp') step(1)
          else if (event.key === 'ArrowDown') step(-1)
          else if (event.key === 'Enter' || event.key === ' ') onDetent(detent === 'peek' ? 'half' : 'peek')
        }}
      />
      {children}
    </aside>
  )
}
