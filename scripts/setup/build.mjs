// src/**/*.ts → dist/**/*.js, file by file, for every workspace that Node runs. Types are not checked here
// (`npm run check` does), so a change is built in milliseconds. Only files that changed are built.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { ROOT, STAMPS } from './paths.mjs'
import { say, seconds } from './say.mjs'
import { filesBelow, readStamps, stampOf, writeStamps } from './sources.mjs'

const STAMP_FILE = `${STAMPS}build.json`

export async function build() {
  const known = readStamps(STAMP_FILE)
  const stamps = {}
  const entryPoints = []
  const copies = []
  for (const workspace of workspaces()) {
    const outputs = new Set()
    for (const file of filesBelow(`${ROOT}${workspace}/src`)) {
      if (isTest(file)) continue
      const source = `${workspace}/src/${file}`
      const isCode = file.endsWith('.ts') && !file.endsWith('.d.ts')
      const output = isCode ? file.replace(/\.ts$/, '.js') : file
      outputs.add(output)
      if (isCode) outputs.add(`${output}.map`)
      stamps[source] = stampOf(ROOT + source)
      const target = `${workspace}/dist/${output}`
      if (known[source] === stamps[source] && existsSync(ROOT + target)) continue
      if (isCode) entryPoints.push({ in: ROOT + source, out: target.replace(/\.js$/, '') })
      else copies.push([source, target])
    }
    for (const file of filesBelow(`${ROOT}${workspace}/dist`)) {
      if (!outputs.has(file)) rmSync(`${ROOT}${workspace}/dist/${file}`)
    }
  }
  if (entryPoints.length + copies.length === 0) return
  const startMs = performance.now()
  if (entryPoints.length > 0) await transpile(entryPoints)
  for (const [source, target] of copies) {
    mkdirSync(dirname(ROOT + target), { recursive: true })
    copyFileSync(ROOT + source, ROOT + target)
  }
  writeStamps(STAMP_FILE, stamps)
  say(`built ${entryPoints.length + copies.length} files in ${seconds(startMs)}`)
}

async function transpile(entryPoints) {
  const esbuild = await import('esbuild')
  await esbuild.build({
    entryPoints,
    outdir: ROOT,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: true,
    // The sources are beside the build.
    sourcesContent: false,
    logLevel: 'silent',
    tsconfigRaw: { compilerOptions: { target: 'es2023', verbatimModuleSyntax: true } },
  })
  await esbuild.stop()
}

/** Every workspace but the apps, which have bundlers of their own. */
function workspaces() {
  const inside = ['packages', 'worlds'].flatMap((group) =>
    readdirSync(ROOT + group, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${group}/${entry.name}`),
  )
  return [...inside, 'bench'].sort()
}

/** Tests, and what stands in a folder `test-…` or `…-test` for them. */
function isTest(file) {
  return /(\.(test|bench)\.tsx?$|(^|\/)(test-[^/]+|[^/]+-test)\/)/.test(file)
}
