/** `terrane db check`: whether a server could use this database connection, and if not, which step fails and why. */
import { judge } from '@terrane/core'
import { type ConnectionReport, type Criterion, checkConnection } from '@terrane/store-postgres'
import { Command } from 'commander'
import { readEnvironment } from '../config/environment.js'
import { CommandFailure } from '../process/failure.js'

interface CheckCommandOptions {
  readonly url?: string
  readonly certs?: string
  readonly allowPlaintext: boolean
  readonly json: boolean
}

export function checkCommand(): Command {
  return new Command('check')
    .description('Writes a row as the server would, and checks TLS, role, reuse and speed of the connection.')
    .option('--url <url>', 'the database as gateway_writer (default: DATABASE_URL)')
    .option('--certs <directory>', 'the certificates to connect with (default: DATABASE_CERTS)')
    .option('--allow-plaintext', 'a connection without TLS and client certificate passes, too', false)
    .option('--json', 'end stdout with one line of JSON', false)
    .addHelpText(
      'after',
      `
Run the migrations first: a server with DATABASE_ADMIN_URL does, when it starts.
The exit status is 0 only if everything holds.

Examples:
  npx terrane db check --url postgres://gateway_writer@db.internal:26257/terrane --certs ./certs
  DATABASE_URL=… DATABASE_CERTS=./certs npx terrane db check --json
  npx terrane db check --url postgres://gateway_writer:…@127.0.0.1:5432/terrane --allow-plaintext`,
    )
    .action((options: CheckCommandOptions) => check(options))
}

async function check(options: CheckCommandOptions): Promise<void> {
  const environment = readEnvironment()
  const url = options.url ?? environment.databaseUrl
  const certs = options.certs ?? environment.databaseCerts
  if (url === undefined) {
    throw new CommandFailure('no_database', {
      what: 'there is nothing to check',
      why: 'no database is named',
      next: 'give --url postgres://gateway_writer@HOST:PORT/DATABASE, or set DATABASE_URL',
    })
  }
  const report = await checkConnection({
    settings: { url, ...(certs === undefined ? {} : { certs }) },
    allowPlaintext: options.allowPlaintext,
    progress: (step) => process.stderr.write(`… ${step}\n`),
  })
  process.stderr.write(`\n${linesOf(report).join('\n')}\n`)
  const judged = judge({ name: 'db-check', figures: report.figures, floors: report.floors })
  const passed = judged.passed && report.criteria.every((criterion) => criterion.passed)
  process.stderr.write(
    passed ? '\nthe connection is ready for a server\n' : '\nthe connection is NOT ready for a server\n',
  )
  if (options.json) process.stdout.write(`${passed === judged.passed ? judged.json : withVerdict(judged.json)}\n`)
  if (!passed) process.exitCode = 1
}

/** A criterion can fail by an error that left no figure behind. */
function withVerdict(json: string): string {
  return JSON.stringify({ ...JSON.parse(json), passed: false })
}

function linesOf({ criteria }: ConnectionReport): string[] {
  const width = Math.max(...criteria.map(({ name }) => name.length))
  return criteria.flatMap((criterion) => [
    `${criterion.passed ? 'ok  ' : 'FAIL'}  ${criterion.name.padEnd(width)}  ${criterion.seen}`,
    ...advice(criterion),
  ])
}

function advice({ diagnosis }: Criterion): string[] {
  if (diagnosis === undefined) return []
  return [`      step: ${diagnosis.stage} (${diagnosis.code})`, `      next: ${diagnosis.next}`]
}
