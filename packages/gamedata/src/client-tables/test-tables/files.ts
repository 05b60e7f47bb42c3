import { readdirSync, readFileSync } from 'node:fs'
import type { ClientFiles } from '../client-files.js'

/** The invented client tables beside this file, by their names. */
export function inventedTexts(): Record<string, string> {
  const directory = new URL('./', import.meta.url)
  const names = readdirSync(directory).filter((name) => /\.(csv|txt)$/.test(name))
  return Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, directory), 'utf8')]))
}

/** Files with these texts, which come in pieces of so many characters. */
export function filesOf(texts: Readonly<Record<string, string>>, pieceLength = 1_000): ClientFiles {
  return {
    names: Object.keys(texts),
    async *read(name) {
      const text = texts[name] as string
      for (let at = 0; at < text.length; at += pieceLength) yield text.slice(at, at + pieceLength)
    },
  }
}
