#!/usr/bin/env node
// The `terrane` command. In a checkout of the repository the build may be missing or stale: mend it first.
import { existsSync } from 'node:fs'

const setupScript = new URL('../../../scripts/setup.mjs', import.meta.url)
if (existsSync(setupScript)) {
  const { setup } = await import(setupScript.href)
  await setup()
}
await import('../dist/cli.js')
