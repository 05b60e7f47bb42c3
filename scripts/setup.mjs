// Makes the tree runnable: dependencies, then the build. Does only what is missing or stale, and says so on
// stderr; a second run takes a tenth of a second and says nothing. Uses Node's own modules to do it.
import './setup/check-node.mjs'
import { pathToFileURL } from 'node:url'
import { build } from './setup/build.mjs'
import { buildConsole } from './setup/console.mjs'
import { install } from './setup/install.mjs'
import { withLock } from './setup/lock.mjs'
import { SetupError, say } from './setup/say.mjs'

/** Ends the process, with a message, when it fails. */
export async function setup() {
  try {
    await withLock(async () => {
      await install()
      await build()
      await buildConsole()
    })
  } catch (error) {
    // esbuild's errors carry their place in the source in the message.
    say(`terrane: ${error instanceof SetupError || error.errors !== undefined ? error.message : error.stack}`)
    process.exit(1)
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await setup()
