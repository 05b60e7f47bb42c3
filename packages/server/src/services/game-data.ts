import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { checksumOf, readFiles } from '@terrane/gamedata'
import { type ConnectionSettings, GameReader, loadRevision, ROLES, withUser } from '@terrane/store-postgres'
import { readCsvFiles, shippedDirectory } from '../gamedata/files.js'
import { ApiError } from '../http/api-error.js'
import type { Logger } from '../process/log.js'
import type { Service } from '../process/service.js'
import type { DatabaseAccess } from './store.js'

/** The patch of revisions that we load ourselves; whoever imports others is left alone. */
const SHIPPED = 'shipped with Terrane'

/** Game data for the read API, as a role that can only read. A database of our own has the shipped data until other is imported. */
export class GameDataService implements Service {
  readonly doing = 'opening the game data'
  readonly failing = 'the game data cannot be used'
  readonly #access: () => DatabaseAccess
  readonly #isDatabaseOurs: boolean
  readonly #log: Logger
  #reader: GameReader | undefined

  constructor(options: { access: () => DatabaseAccess; isDatabaseOurs: boolean; log: Logger }) {
    this.#access = options.access
    this.#isDatabaseOurs = options.isDatabaseOurs
    this.#log = options.log
  }

  /** Throws an `ApiError` while the server starts. */
  get reader(): GameReader {
    if (this.#reader !== undefined) return this.#reader
    throw new ApiError(503, 'starting', 'the server is still starting', 'ask again in a moment; /readyz says when')
  }

  async run(): Promise<void> {
    const access = this.#access()
    const reader = new GameReader(readerSettings(access))
    this.#reader = reader
    const current = await reader.current()
    if (this.#isDatabaseOurs && (current === undefined || current.patch === SHIPPED)) await this.#loadShipped(access)
    else if (current === undefined) this.#log.info('no game data is loaded yet: npx terrane gamedata import')
  }

  async stop(): Promise<void> {
    await this.#reader?.close()
  }

  async #loadShipped({ url, adminUrl, certs }: DatabaseAccess): Promise<void> {
    const { tables, data } = readFiles(await readCsvFiles(shippedDirectory()))
    const settings = { url: adminUrl ?? withUser(url, ROLES.admin), ...(certs === undefined ? {} : { certs }) }
    const { revision } = data
    const { rows } = await loadRevision(settings, {
      revision,
      patch: SHIPPED,
      checksum: await checksumOf(tables),
      tables,
    })
    this.#log.debug({ revision, rows }, 'loaded the game data that ships with Terrane')
  }
}

/** As gateway_reader where we can be; else as the server's role, in transactions that cannot write. */
function readerSettings({ url, readerUrl, certs }: DatabaseAccess): ConnectionSettings {
  if (certs === undefined) return { url: readerUrl ?? url }
  const hasCertificate = existsSync(join(certs, `client.${ROLES.reader}.crt`))
  return { url: hasCertificate ? withUser(url, ROLES.reader) : url, certs }
}
