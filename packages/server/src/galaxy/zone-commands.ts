import { ServerClient } from '../command/server-client.js'

/** Commands of a server's world, by HTTP. */
export class ZoneCommands {
  readonly #server: ServerClient

  /** @param token of an operator */
  constructor(url: string, token: string) {
    this.#server = new ServerClient(url, token)
  }

  /** What the command returned. Throws `CommandFailure` when the server refuses it or does not answer. */
  async run(zone: string, command: string, args: object = {}): Promise<unknown> {
    const { result } = await this.#server.send({
      path: `/api/zones/${encodeURIComponent(zone)}/commands/${command}`,
      body: args,
      what: `the command ${command} failed in zone ${zone}`,
      afterwards: 'then run the same command again, and it goes on where it stopped',
    })
    return result
  }
}
