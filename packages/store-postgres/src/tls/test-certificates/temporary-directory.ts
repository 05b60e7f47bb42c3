import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A path at which nothing is; what the test puts there goes when the test ends. */
export function unusedPath(): string {
  const parent = mkdtempSync(join(tmpdir(), 'terrane-certificates-'))
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }))
  return join(parent, 'certs')
}
