import { Command } from 'commander'
import { certsCommand } from './certs-command.js'
import { checkCommand } from './check-command.js'
import { rolesCommand } from './roles-command.js'

/** `terrane db …`: what an operator does about the database, beside running the server. */
export function dbCommand(): Command {
  return new Command('db')
    .description('Certificates, roles and checks of the database connection.')
    .helpCommand(false)
    .addCommand(certsCommand())
    .addCommand(rolesCommand())
    .addCommand(checkCommand())
}
