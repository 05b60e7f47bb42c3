import { useCallback, useRef, useSyncExternalStore } from 'react'
import type { Key, Row, RowRef } from '../world/row.js'
import { useModel } from './console-model.js'
import { useStore } from './store.js'

/** The row as it is now, rendered anew when it changes: at most once per frame. */
export function useRow(ref: RowRef | undefined): Row | undefined {
  const model = useModel()
  useStore(model.session.link)
  const version = useRef(0)
  const kind = ref?.kind
  const key = ref?.key
  const subscribe = useCallback(
    (onChange: () => void) => {
      if (kind === undefined || key === undefined) return () => {}
      return model.changes.watchRow({ kind, key }, () => {
        version.current++
        onChange()
      })
    },
    [model, kind, key],
  )
  useSyncExternalStore(subscribe, () => version.current)
  return model.row(ref)
}

/** Rows of a kind that pass, rendered anew when any row of the kind changes. For small kinds. */
export function useRows(kind: string, passes: (row: Row) => boolean = () => true): (readonly [Key, Row])[] {
  const model = useModel()
  useStore(model.session.link)
  const version = useRef(0)
  const subscribe = useCallback(
    (onChange: () => void) =>
      model.changes.watchKind(kind, () => {
        version.current++
        onChange()
      }),
    [model, kind],
  )
  useSyncExternalStore(subscribe, () => version.current)
  const rows: (readonly [Key, Row])[] = []
  for (const entry of model.rows(kind)) if (passes(entry[1])) rows.push(entry)
  return rows
}
