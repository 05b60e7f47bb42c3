// `npm start`: set-up, then the server in this very process, so that signals have one addressee. For the same
// reason package.json says `exec`: a shell in between would be killed by Ctrl-C itself, or keep a SIGTERM to
// itself, and npm would report a failure.
import { setup } from './setup.mjs'

await setup()
process.argv = [process.argv[0], 'terrane', 'start', ...process.argv.slice(2)]
await import('../packages/server/dist/cli.js')
