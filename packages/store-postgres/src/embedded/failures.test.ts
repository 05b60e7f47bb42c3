import { expect, test } from 'vitest'
import { fromText } from './failures.js'

test.each([
  ["ENOSPC: no space left on device, write '/data/x'", 'embedded_disk_full'],
  ['FATAL:  could not write lock file "postmaster.pid": No space left on device', 'embedded_disk_full'],
  [
    'FATAL:  could not extend file "base/1/2691": wrote only 4096 of 8192 bytes\nHINT:  Check free disk space.',
    'embedded_disk_full',
  ],
  ['FATAL:  could not resize shared memory segment "/PostgreSQL.1": No space left on device', 'embedded_start_failed'],
  ["EACCES: permission denied, mkdir '/data'", 'embedded_permission'],
  ['FATAL:  could not open file "pg_wal/0001": Permission denied', 'embedded_permission'],
  ['PANIC:  could not locate a valid checkpoint record', 'embedded_start_failed'],
])('%s -> %s', (text, code) => {
  const error = fromText(text, 'starting PostgreSQL', '/data/postgres')
  expect(error.code).toBe(code)
  expect(error.message).toContain(text)
  expect(error.hint).toBeTruthy()
})
