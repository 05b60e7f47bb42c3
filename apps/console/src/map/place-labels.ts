import type { NodeLabelDrawingFunction } from 'sigma/rendering'
import type { PlaceEdge, PlaceNode } from './place-graph.js'

export const LABEL_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
const SPACE_COLOR = '#090c11'

/** Writes text with a dark rim, so that it can be read over anything on the map. */
export function drawText(context: CanvasRenderingContext2D, text: string, x: number, y: number, color: string): void {
  context.lineJoin = 'round'
  context.lineWidth = 3
  context.strokeStyle = SPACE_COLOR
  context.strokeText(text, x, y)
  context.fillStyle = color
  context.fillText(text, x, y)
}

/** The name of a place, centred below it. */
export const drawPlaceLabel: NodeLabelDrawingFunction<PlaceNode, PlaceEdge> = (context, data, settings) => {
  if (!data.label) return
  context.font = `500 ${settings.labelSize}px ${LABEL_FONT}`
  context.textAlign = 'center'
  drawText(context, data.label, data.x, data.y + data.size + settings.labelSize + 1, '#aab7c7')
  context.textAlign = 'start'
}
