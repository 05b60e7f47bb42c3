import { useEffect, useRef } from 'react'
import { useModel } from '../app/console-model.js'
import { useRow } from '../app/use-rows.js'
import { useSeconds } from '../app/use-seconds.js'
import { cell, title, words } from '../format.js'
import { hex } from '../map/map-theme.js'
import { ShapeIcon } from '../map/ShapeIcon.js'
import type { Row, RowRef } from '../world/row.js'
import { kindOf } from '../world/world-view.js'

/** One row, live: every column, with a flash where it changes. */
export function RowPanel({ target }: { readonly target: RowRef }) {
  const model = useModel()
  const row = useRow(target)
  const last = useRef<{ ref: RowRef; row: Row }>(undefined)
  if (row !== undefined) last.current = { ref: target, row: { ...row } }
  const kept = last.current?.ref === target ? last.current.row : undefined
  const shown = row ?? kept
  const kind = kindOf(model.view.descriptor, target.kind)
  const label = shown === undefined ? undefined : model.view.label(target.kind, shown)
  const Actions = model.view.rowActions
  return (
    <div className="row-panel" data-testid="row-panel" data-gone={row === undefined}>
      <header className="row-head">
        <KindIcon kind={target.kind} row={shown} />
        <div className="row-title">
          <h2>{label ?? String(target.key)}</h2>
          <p>
            {title(target.kind)} · <code data-testid="row-key">{String(target.key)}</code>
          </p>
        </div>
        <button type="button" className="icon-button" aria-label="Show on the map" onClick={() => model.show(target)}>
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <circle cx="10" cy="10" r="5" />
            <path d="M10 1v4M10 15v4M1 10h4M15 10h4" />
          </svg>
        </button>
        <button type="button" className="icon-button" aria-label="Close" onClick={() => model.select(undefined)}>
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <path d="M5 5l10 10M15 5 5 15" />
          </svg>
        </button>
      </header>
      {shown === undefined ? (
        <p className="hint">There is no such row in sight.</p>
      ) : (
        <>
          {row === undefined && <p className="gone">This row is gone. Its last state:</p>}
          {row !== undefined && Actions !== undefined && <Actions kind={target.kind} row={row} />}
          <Columns names={kind?.columns.map((column) => column.name) ?? Object.keys(shown)} row={shown} />
        </>
      )}
    </div>
  )
}

function KindIcon({ kind, row }: { readonly kind: string; readonly row: Row | undefined }) {
  const model = useModel()
  const { map } = model.view
  if (row === undefined) return null
  if (kind === map.places?.kind) return <ShapeIcon shape="disc" color={hex(map.places.color(row))} />
  const theme = map.points.find((each) => each.kind === kind)
  if (theme === undefined) return null
  const link = model.link
  const mine = theme.owner !== undefined && link?.plays.get() === true && row[theme.owner] === link.player.get()
  const look = theme.look(row, mine)
  return <ShapeIcon shape={look.shape} color={hex(look.color)} />
}

function Columns({ names, row }: { readonly names: readonly string[]; readonly row: Row }) {
  const model = useModel()
  useSeconds()
  return (
    <dl className="columns" data-testid="columns">
      {names.map((name) => (
        <ColumnValue key={name} name={name} text={cell(name, row[name], model.stats.serverNowMs)} value={row[name]} />
      ))}
    </dl>
  )
}

interface ColumnValueProps {
  readonly name: string
  readonly text: string
  readonly value: unknown
}

function ColumnValue({ name, text, value }: ColumnValueProps) {
  const element = useRef<HTMLDivElement>(null)
  const before = useRef(value)
  useEffect(() => {
    if (Object.is(before.current, value)) return
    before.current = value
    element.current?.animate([{ backgroundColor: 'rgb(212 242 106 / 0.28)' }, { backgroundColor: 'transparent' }], {
      duration: 900,
      easing: 'ease-out',
    })
  }, [value])
  return (
    <div className="column" ref={element}>
      <dt>{words(name)}</dt>
      <dd data-testid={`column-${name}`}>{text}</dd>
    </div>
  )
}
