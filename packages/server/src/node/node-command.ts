import { availableParallelism, homedir, hostname } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { DEFAULTS, parseCores } from '../config/options.js'
import type { NodeOptions } from './run-node.js'

/** `terrane node`: lends this machine's cores to the simulation jobs of a server. */
export function nodeCommand(): Command {
  return new Command('node')
    .description('Computes simulation jobs of a server on this machine, until Ctrl-C.')
    .option('--server <url>', 'the server', `http://${DEFAULTS.host}:${DEFAULTS.port}`)
    .option('--claim-token <token>', 'makes this node yours; needed once, from POST /api/nodes/claim-tokens')
    .option('--cores <number>', 'cores to use', parseCores, availableParallelism())
    .option('--name <text>', 'what you call this node', hostname().slice(0, 80) || 'node')
    .option('--key <file>', 'where the key of this node is kept', join(homedir(), '.terrane', 'node-key.json'))
    .option('--grace <seconds>', 'how long chunks may take to finish after Ctrl-C', parseCores, 20)
    .option('--json', 'one line of JSON for each thing that happens', false)
    .addHelpText(
      'after',
      `
Examples:
  npx terrane node --server https://play.example.com --claim-token ct_…
  npx terrane node --cores 4

It computes its owner's jobs; whose else, the owner decides (PATCH /api/nodes/<key>). The first Ctrl-C finishes what
is under way, a second one ends at once. Exit code: 0 when it was ended so, 1 when the server refuses this node.`,
    )
    .action(async (options: NodeOptions) => {
      const { runNode } = await import('./run-node.js')
      await runNode(options)
    })
}
