/** `terrane db certs`: a CA and certificates, so that server and database know each other without passwords. */
import { resolve } from 'node:path'
import { judge } from '@terrane/core'
import { ROLES } from '@terrane/store-postgres'
import type { CertificateInfo, CreatedCertificates } from '@terrane/store-postgres/certificates'
import { Command } from 'commander'
import { parseCount } from '../config/options.js'
import { failureOf } from '../process/failure.js'

interface CertsOptions {
  readonly out: string
  readonly hosts?: readonly string[]
  readonly rotate: boolean
  readonly days?: number
  readonly caDays?: number
  readonly json: boolean
}

/** From this many days on somebody should be told. */
const DAYS_LEFT_FEW = 30

export function certsCommand(): Command {
  return new Command('certs')
    .description('Makes a CA and certificates for the database server and its users; keeps a set that is there.')
    .requiredOption('--out <directory>', 'where the files are, or will be, named as `cockroach --certs-dir` expects')
    .option(
      '--hosts <names>',
      'all names and addresses by which the database is reached, separated by commas; default: localhost,127.0.0.1,::1, and with --rotate those of the present certificate',
      (text: string) => text.split(','),
    )
    .option('--rotate', 'replace all certificates and keys but the CA; needs ca.key in the directory', false)
    .option('--days <number>', 'how long the certificates last; default: 365, or as long as the CA allows', parseCount)
    .option('--ca-days <number>', 'how long a new CA lasts; default: 3650', parseCount)
    .option('--json', 'end stdout with one line of JSON', false)
    .addHelpText(
      'after',
      `
Examples:
  npx terrane db certs --out ./certs
  npx terrane db certs --out ./certs --hosts db.internal,10.0.0.5,fd00::5
  npx terrane db certs --out ./certs --rotate
  npx terrane db certs --out ./certs --days 33000 --ca-days 36500

Running it again without --rotate changes nothing and tells how long the certificates last.
Exit code: 0 when a complete set is in the directory, 1 otherwise; then nothing has changed.`,
    )
    .action((options: CertsOptions) => makeCertificates(options))
}

async function makeCertificates({ out, hosts, rotate, days, caDays, json }: CertsOptions): Promise<void> {
  const directory = resolve(out)
  // Only here: the library that signs takes a while to load, and a server that starts has no use for it.
  const { createCertificates } = await import('@terrane/store-postgres/certificates')
  const made = await createCertificates({
    dir: directory,
    rotate,
    log: (message) => process.stderr.write(`note: ${message}\n`),
    ...(hosts === undefined ? {} : { hosts }),
    ...(days === undefined ? {} : { leafDays: days }),
    ...(caDays === undefined ? {} : { caDays }),
  }).catch((error: unknown) => {
    throw failureOf(error, `the certificates in ${directory} were not made`)
  })

  const lines = [`${directory}: ${OUTCOMES[made.outcome]}`, '', ...table(made.certificates), '']
  lines.push(...(made.outcome === 'created' ? firstSteps(directory) : laterSteps(made, directory)))
  process.stdout.write(`${lines.join('\n')}\n`)
  const first = made.certificates.reduce((left, right) => (left.notAfter <= right.notAfter ? left : right))
  const judged = judge({
    name: 'db-certs',
    figures: {
      outcome: made.outcome,
      certificates: made.certificates.length,
      firstToEnd: first.file,
      endsAt: first.notAfter.toISOString(),
      daysLeft: first.daysLeft,
    },
    floors: [],
  })
  if (json) process.stdout.write(`${judged.json}\n`)
}

const OUTCOMES: Record<CreatedCertificates['outcome'], string> = {
  created: 'made a CA and certificates',
  rotated: 'made new certificates under the same CA',
  kept: 'a complete set is there, nothing was changed',
}

function table(certificates: readonly CertificateInfo[]): string[] {
  const rows = [
    ['file', 'subject', 'valid until', 'days left', 'hosts'],
    ...certificates.map(({ file, subject, notAfter, daysLeft, sans }) => {
      const left = daysLeft < 0 ? 'EXPIRED' : String(daysLeft)
      return [file, subject, notAfter.toISOString().slice(0, 10), left, sans.join(', ')]
    }),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
}

function firstSteps(directory: string): string[] {
  return [
    'Next:',
    `  1. Move ${directory}/ca.key to a safe place: who has it can be any user. Only --rotate needs it.`,
    '  2. Give the database ca.crt, node.crt and node.key, with the keys readable by its account only:',
    `       cockroach start-single-node --certs-dir=${directory}`,
    '     or for PostgreSQL, with the line "hostssl all all all cert" in pg_hba.conf:',
    `       postgres -D DATA -c ssl=on -c ssl_ca_file=${directory}/ca.crt \\`,
    `         -c ssl_cert_file=${directory}/node.crt -c ssl_key_file=${directory}/node.key`,
    '  3. Make the roles, as the superuser root, then run the server:',
    `       npx terrane db roles --url postgres://root@HOST:26257/DATABASE --certs ${directory}`,
    `       DATABASE_URL=postgres://${ROLES.writer}@HOST:26257/DATABASE DATABASE_CERTS=${directory} npm start`,
    '  HOST must be one of the hosts above. docs/guides/database-certificates.md says more.',
  ]
}

function laterSteps({ outcome, certificates }: CreatedCertificates, directory: string): string[] {
  if (outcome === 'rotated') {
    return [
      'Next:',
      '  1. Copy node.crt and node.key to the database where it has copies, and have it read them again:',
      '       CockroachDB: kill -HUP its process      PostgreSQL: SELECT pg_reload_conf()',
      '  2. Copy client certificates to where there are copies. A running server uses them from its next',
      '     connection on, without a restart.',
      `  3. Move ${directory}/ca.key back to its safe place.`,
    ]
  }
  const soon = certificates.filter(({ daysLeft }) => daysLeft < DAYS_LEFT_FEW)
  if (soon.length === 0) return ['Next: nothing. --rotate makes new certificates before these end.']
  if (soon.some(({ file }) => file === 'ca.crt')) {
    return ['Next: the CA ends soon. Make a new set in another directory, and install it everywhere.']
  }
  return [`Next: certificates end soon. Run: npx terrane db certs --out ${directory} --rotate`]
}
