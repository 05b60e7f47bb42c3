import { SingleBar } from 'cli-progress'

/**
 * What a start is doing, on stderr: a bar on a terminal, a line per step otherwise. Other output must go
 * through `write`, so that it does not end up in the middle of the bar.
 */
export class Progress {
  readonly isTerminal: boolean
  readonly #steps: number
  readonly #bar: SingleBar | undefined
  #done = 0
  #doing = ''
  #isShown = false
  #isOver = false

  constructor(steps: number, isTerminal: boolean) {
    this.#steps = steps
    this.isTerminal = isTerminal
    if (!isTerminal) return
    this.#bar = new SingleBar({
      format: ' {bar} {doing}',
      barsize: 20,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
      gracefulExit: false,
    })
  }

  /** The next step begins. */
  step(doing: string): void {
    if (this.#doing !== '') this.#done++
    this.#show(doing)
  }

  /** More about the present step. */
  detail(doing: string): void {
    this.#show(doing)
  }

  #show(doing: string): void {
    if (this.#isOver || doing === this.#doing) return
    this.#doing = doing
    if (this.#bar === undefined) {
      process.stderr.write(`${doing}\n`)
      return
    }
    if (!this.#isShown) this.#bar.start(this.#steps, this.#done, { doing })
    this.#isShown = true
    this.#bar.update(this.#done, { doing })
  }

  write(text: string): void {
    const wasShown = this.#isShown
    this.#hide()
    process.stderr.write(text)
    if (wasShown) this.#bar?.start(this.#steps, this.#done, { doing: this.#doing })
    this.#isShown = wasShown
  }

  /** The start is over; what still comes is not shown. */
  end(): void {
    this.#hide()
    this.#isOver = true
  }

  #hide(): void {
    if (this.#isShown) this.#bar?.stop()
    this.#isShown = false
  }
}
