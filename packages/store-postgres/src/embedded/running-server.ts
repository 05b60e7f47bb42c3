/** Getting to a server that runs and answers: one that outlived its parent, else a new one. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Access } from './access.js'
import type { DataPaths } from './cluster.js'
import { failure, fromText } from './failures.js'
import {
  adoptPostmaster,
  endLeftovers,
  findPostmaster,
  type LaunchOptions,
  launchPostmaster,
  type Postmaster,
  stopPostmaster,
} from './postmaster.js'
import { freePort, isReachedLikeThis, type Reach, superuserUrl } from './reach.js'
import { type Readiness, waitUntilReady } from './readiness.js'
import { rereadServerFiles } from './server-files.js'

/** A port can be taken between being found free and being listened on; that twice in a row is bad luck. */
const LAUNCHES_MAX = 5
/** Another postmaster may hold the directory for the moment it needs to fail or to write its pid file. */
const RETRY_DELAY_MS = 300

export interface Running {
  postmaster: Postmaster
  access: Access
  adopted: boolean
}

/** What all ways to a running server need. */
export interface StartContext {
  paths: DataPaths
  reach: Reach
  log: (line: string) => void
  progress: (stage: string) => void
}

/** Adopts the directory's server, or launches one. Its files must be installed. */
export async function adoptOrLaunch(
  context: StartContext,
  stored: Access,
  launch: Omit<LaunchOptions, 'port'>,
): Promise<Running> {
  return (await adopt(context, stored)) ?? launchUntilReady(context, stored, launch)
}

/** Takes over the directory's server when one runs, answers and is reached as asked; stops any other. */
async function adopt({ paths, reach, log, progress }: StartContext, stored: Access): Promise<Running | undefined> {
  const found = await findPostmaster(paths.clusterDir, log)
  if (found === undefined) {
    await endLeftovers(paths.clusterDir, log)
    return undefined
  }
  if (!isReachedLikeThis(found.process.command, reach)) {
    log(`the PostgreSQL that is running (process ${found.pid}) listens otherwise than asked for: starting it anew`)
  } else if (found.status !== 'stopping') {
    progress('adopting')
    const postmaster = await adoptPostmaster(found.process, paths.clusterDir)
    // Always: whoever replaced its files before us may have been killed before telling it.
    if (reach.certs !== undefined) await rereadServerFiles(postmaster)
    const access = { ...stored, port: found.port }
    const readiness = await awaitReady(postmaster, access, { paths, reach, log, progress })
    if (readiness.ready) {
      log(`adopted the PostgreSQL that was running already (process ${found.pid}, port ${found.port})`)
      return { postmaster, access, adopted: true }
    }
    log(`the PostgreSQL that is running (process ${found.pid}) is of no use: ${readiness.why}`)
  }
  await stopPostmaster(found.process, paths.clusterDir, 'fast', log)
  return undefined
}

function awaitReady(
  postmaster: Postmaster,
  access: Access,
  { paths, reach, progress }: StartContext,
): Promise<Readiness> {
  const url = superuserUrl(access, reach, 'postgres')
  return waitUntilReady(postmaster, paths.clusterDir, url, () => progress('recovering'))
}

async function launchUntilReady(
  context: StartContext,
  stored: Access,
  launch: Omit<LaunchOptions, 'port'>,
): Promise<Running> {
  const { paths, reach, progress } = context
  let preferredPort = stored.port
  for (let attempt = 1; ; attempt++) {
    progress('starting')
    const access = { ...stored, port: await freePort(preferredPort, reach.listen) }
    const postmaster = await launchPostmaster({ ...launch, port: access.port })
    const readiness = await awaitReady(postmaster, access, context)
    if (readiness.ready) return { postmaster, access, adopted: false }
    await stopPostmaster(postmaster.process, paths.clusterDir, 'fast', launch.log)
    const said = await postmaster.tail()
    const busyPort = /Address already in use/.test(said)
    const busyDirectory = /lock file "postmaster.pid" already exists|shared memory block .* still in use/.test(said)
    if (attempt === LAUNCHES_MAX || !(busyPort || busyDirectory)) throw startFailure(readiness, said, context)
    launch.log(`PostgreSQL did not start (${busyPort ? 'port taken' : 'directory in use'}), trying again`)
    if (busyPort) preferredPort = 0
    await delay(RETRY_DELAY_MS)
    const running = busyDirectory ? await adopt(context, stored) : undefined
    if (running !== undefined) return running
  }
}

function startFailure(readiness: Readiness & { ready: false }, said: string, { paths, reach }: StartContext): Error {
  const text = `${readiness.why}\n${said}`
  if (readiness.cause !== 'refused') return fromText(text, 'starting PostgreSQL', paths.dataDir)
  if (reach.certs === undefined) {
    return failure('embedded_credentials', `PostgreSQL does not accept the password in ${paths.accessFile}: ${text}`, {
      hint: 'restore server.json from the backup that the cluster is from',
    })
  }
  return failure('embedded_credentials', `PostgreSQL and the certificates in ${reach.certs} do not fit: ${text}`, {
    hint: `move ${reach.certs} away: the next start makes new ones`,
  })
}
