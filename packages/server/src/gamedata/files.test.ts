import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { clientFiles, listTables } from './files.js'

const directory = mkdtempSync(join(tmpdir(), 'terrane-files-'))

afterAll(() => rmSync(directory, { recursive: true }))

async function read(name: string): Promise<string> {
  let text = ''
  for await (const piece of clientFiles(directory, [name]).read(name)) text += piece
  return text
}

test('texts are streamed whole, wherever their characters are cut', async () => {
  // Four bytes a character, and an odd one before them: pieces end inside of characters.
  const text = `a${'🜂'.repeat(200_000)}`
  writeFileSync(join(directory, 'Long.csv'), text)
  expect((await read('Long.csv')) === text).toBe(true)
})

test('what is no UTF-8 is refused by its name, also when it ends too early', async () => {
  writeFileSync(join(directory, 'Latin.csv'), Buffer.from('ID,Name\n1,Caf\xe9\n', 'latin1'))
  writeFileSync(join(directory, 'Cut.csv'), Buffer.from('🜂').subarray(0, 3))
  for (const name of ['Latin.csv', 'Cut.csv']) {
    await expect(read(name)).rejects.toMatchObject({ code: 'bad_csv', message: `${name} is no UTF-8` })
  }
})

test('tables are files that end in .csv or .txt; without any of the first there is no game data', async () => {
  writeFileSync(join(directory, 'CombatRatings.TXT'), '')
  writeFileSync(join(directory, 'notes.md'), '')
  expect(await listTables(directory)).toEqual(['CombatRatings.TXT', 'Cut.csv', 'Latin.csv', 'Long.csv'])
  for (const name of ['Cut.csv', 'Latin.csv', 'Long.csv']) rmSync(join(directory, name))
  await expect(listTables(directory)).rejects.toMatchObject({ code: 'game_data_not_read' })
  await expect(listTables(join(directory, 'none'))).rejects.toMatchObject({ code: 'game_data_not_read' })
})
