import { Command } from 'commander'
import { withDatabase } from '../command/database-options.js'
import type { Environment } from '../config/environment.js'
import type { GuildOptions, IdentifyOptions } from './people.js'

/** `terrane jobs …`: who is who, for nodes that are shared with guilds. */
export function jobsCommand(environment: Environment): Command {
  return new Command('jobs')
    .description("Says who users are at Discord, and who is in which guild: nodes are shared with guilds' members.")
    .helpCommand(false)
    .addCommand(identifyCommand(environment))
    .addCommand(guildCommand(environment))
}

function identifyCommand(environment: Environment): Command {
  return withDatabase(
    new Command('identify')
      .description('Says whose an account at Discord is.')
      .argument('<user>', 'as the tokens name them')
      .argument('<discord-id>', 'of the account'),
  )
    .addHelpText(
      'after',
      `
Examples:
  npx terrane jobs identify alice 184405311681986560

It writes auth.identities. When an identity provider keeps that table, let it do so instead.`,
    )
    .action(async (user: string, discordId: string, options: IdentifyOptions) => {
      const { identify } = await import('./people.js')
      await identify(user, discordId, options, environment)
    })
}

function guildCommand(environment: Environment): Command {
  return withDatabase(
    new Command('guild')
      .description("Changes a guild's members, then lists them.")
      .argument('<guild-id>', 'as in the share settings of nodes'),
  )
    .option('--add <discord-id...>', 'accounts that are members now', [])
    .option('--remove <discord-id...>', 'accounts that are not any more', [])
    .addHelpText(
      'after',
      `
Examples:
  npx terrane jobs guild 81384788765712384
  npx terrane jobs guild 81384788765712384 --add 184405311681986560 53908232506183680 --remove 80351110224678912

Servers hear of it within a second.`,
    )
    .action(async (guild: string, options: GuildOptions) => {
      const { changeGuild } = await import('./people.js')
      await changeGuild(guild, options, environment)
    })
}
