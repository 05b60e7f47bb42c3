// `npm run bench|chaos|simulate -- …`: set-up, then the command in this process.
import { setup } from './setup.mjs'

const COMMANDS = {
  bench: ['../bench/dist/main.js'],
  chaos: ['../bench/dist/main.js', 'chaos'],
  simulate: ['../packages/server/dist/cli.js', 'simulate'],
}

const [name, ...args] = process.argv.slice(2)
const command = COMMANDS[name]
if (command === undefined) {
  console.error(`usage: node scripts/run.mjs ${Object.keys(COMMANDS).join('|')} …`)
  process.exit(2)
}
await setup()
const [module, ...before] = command
process.argv = [process.argv[0], `npm run ${name} --`, ...before, ...args]
await import(module)
