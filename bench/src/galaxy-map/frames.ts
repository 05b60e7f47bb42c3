import type { Page } from 'playwright-core'

/**
 * How long each frame took in which the page drew on a canvas while something happened on it, ms. Frames in which
 * nothing was drawn are left out: they are quick, and nobody sees them.
 */
export async function framesDuring(page: Page, act: () => Promise<void>): Promise<number[]> {
  await page.evaluate(PROBE)
  await act()
  return page.evaluate<number[]>('window.probedFrames.end()')
}

/** Text, because this side knows no browser. */
const PROBE = `(() => {
  const canvas = CanvasRenderingContext2D.prototype
  const { drawImage } = canvas
  const frames = []
  let isDrawn = false
  let isOn = true
  let last
  canvas.drawImage = function (...args) {
    isDrawn = true
    return drawImage.apply(this, args)
  }
  const next = (now) => {
    if (isDrawn && last !== undefined) frames.push(now - last)
    isDrawn = false
    last = now
    if (isOn) requestAnimationFrame(next)
  }
  requestAnimationFrame(next)
  window.probedFrames = {
    end() {
      isOn = false
      canvas.drawImage = drawImage
      return frames
    },
  }
})()`

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
