import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

test('the entry for browsers needs neither ws nor anything of Node', async () => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL('./index.ts', import.meta.url))],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['terrane-source'],
  })
  const inputs = Object.keys(metafile.inputs)
  expect(inputs.some((path) => path.endsWith('src/connection/browser-transport.ts'))).toBe(true)
  expect(inputs.filter((path) => /node_modules\/ws\/|node-transport|packages\/engine/.test(path))).toEqual([])
})
