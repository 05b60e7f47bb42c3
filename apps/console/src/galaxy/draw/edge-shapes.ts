/** Shapes of edges, in whatever units they are drawn in. */

interface Path {
  moveTo(x: number, y: number): void
  lineTo(x: number, y: number): void
  closePath(): void
}

/** The point beside the middle of a line, to its left, at a share of its length. */
export function bowPoint(ax: number, ay: number, bx: number, by: number, share: number): { x: number; y: number } {
  return { x: (ax + bx) / 2 + (by - ay) * share, y: (ay + by) / 2 - (bx - ax) * share }
}

/** Where on a straight line the arrow's tip is: behind the middle, where two lines that cross seldom do. */
const TIP_SHARE = 0.6
const HALF_WIDTH = 0.42

/**
 * Adds an arrow that points along an edge.
 * @param bow how far the edge's middle is beside the straight line, as a share of its length
 */
export function addArrow(
  path: Path,
  ax: number,
  ay: number,
  bx: number,
  by: number,
  bow: number,
  length: number,
): void {
  const distance = Math.hypot(bx - ax, by - ay)
  if (distance < 1e-6) return
  const ux = (bx - ax) / distance
  const uy = (by - ay) / distance
  // A quadratic curve is parallel to its chord in the middle, and nowhere else.
  const tip = bow === 0 ? TIP_SHARE * distance : distance / 2 + length / 2
  const middle = bowPoint(ax, ay, bx, by, bow)
  const tipX = middle.x + ux * (tip - distance / 2)
  const tipY = middle.y + uy * (tip - distance / 2)
  const backX = tipX - ux * length
  const backY = tipY - uy * length
  path.moveTo(tipX, tipY)
  path.lineTo(backX - uy * length * HALF_WIDTH, backY + ux * length * HALF_WIDTH)
  path.lineTo(backX + uy * length * HALF_WIDTH, backY - ux * length * HALF_WIDTH)
  path.closePath()
}
