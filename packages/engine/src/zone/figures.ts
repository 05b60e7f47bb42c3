import type { AnyWorld, FigureDefinition, Kinds, ReadTables } from '../world/define-world.js'
import type { Report } from './events.js'

/** A figure of the world in one zone, as it is now. */
export interface ZoneFigure {
  readonly name: string
  readonly zone: string
  readonly help: string
  readonly value: number
  /** From this value on somebody should look. */
  readonly alertAt: number | undefined
}

/** A figure whose code fails is reported and left out: the others are still wanted. */
export function readFigures(world: AnyWorld, zone: string, tables: ReadTables<Kinds>, report: Report): ZoneFigure[] {
  const figures: ZoneFigure[] = []
  for (const [name, figure] of Object.entries((world.figures ?? {}) as Record<string, FigureDefinition<Kinds>>)) {
    try {
      if (figure.in?.(zone) === false) continue
      figures.push({ name, zone, help: figure.help, value: figure.read(tables), alertAt: figure.alertAt })
    } catch (cause) {
      report({ type: 'figure_failed', zone, figure: name, cause })
    }
  }
  return figures
}
