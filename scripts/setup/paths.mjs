import { fileURLToPath } from 'node:url'

/** The repository's root, with a slash at the end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** What the set-up remembers between runs. It goes when node_modules goes, and then all is built anew. */
export const STAMPS = `${ROOT}node_modules/.cache/terrane/`
