// For `node --import`: the query of this module's URL names the mutant to load the program with.
import { register } from 'node:module'
import { MUTANTS } from './mutants.js'

const index = Number(new URL(import.meta.url).searchParams.get('mutant'))
const mutant = MUTANTS[index]
if (mutant === undefined) throw new Error(`there is no mutant ${index}`)
register('./mutant-hooks.js', { parentURL: import.meta.url, data: mutant })
