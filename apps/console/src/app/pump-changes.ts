import type { LiveLink } from '../live/live-link.js'
import type { ConsoleModel } from './console-model.js'

/** Carries changes from the present link to whoever shows them, once per animation frame. */
export function pumpChanges(model: ConsoleModel): () => void {
  let frame = 0
  let stopListening = () => {}
  const flush = () => {
    frame = 0
    model.changes.flush()
  }
  const listen = (link: LiveLink | undefined) => {
    stopListening()
    stopListening = () => {}
    if (link === undefined) return
    stopListening = link.onChange((kind, key, row) => {
      model.changes.note(kind, key, row)
      if (frame === 0) frame = requestAnimationFrame(flush)
    })
  }
  const stopLinks = model.session.link.subscribe(() => listen(model.link))
  listen(model.link)
  return () => {
    stopLinks()
    stopListening()
    cancelAnimationFrame(frame)
  }
}
