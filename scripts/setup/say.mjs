/** One line for the person who watches; stdout belongs to the command itself. */
export function say(line) {
  process.stderr.write(`${line}\n`)
}

/** An expected failure: its text is all that is shown. */
export class SetupError extends Error {}

export function seconds(sinceMs) {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`
}
