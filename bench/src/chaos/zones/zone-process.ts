import { ServerProcess, type ServerProcessOptions } from '../server-process.js'

/** One of several servers of a world, to be killed or frozen. */
export class ZoneProcess {
  readonly name: string
  readonly #server: ServerProcess
  #isAway = true

  constructor(options: ServerProcessOptions) {
    this.name = options.name
    this.#server = new ServerProcess(options)
  }

  get url(): string {
    return this.#server.url
  }

  /** It was killed or frozen, or has not been started. */
  get isAway(): boolean {
    return this.#isAway
  }

  get log(): readonly string[] {
    return this.#server.log
  }

  async start(): Promise<void> {
    this.#server.launch()
    await this.#server.ready()
    this.#isAway = false
  }

  async kill(): Promise<void> {
    this.#isAway = true
    if (!(await this.#server.kill())) throw new Error(`the ${this.name} had ended by itself`)
  }

  freeze(): void {
    this.#isAway = true
    process.kill(this.#server.pid, 'SIGSTOP')
  }

  thaw(): void {
    process.kill(this.#server.pid, 'SIGCONT')
    this.#isAway = false
  }

  stop(): Promise<void> {
    return this.#server.stop()
  }

  dispose(): Promise<void> {
    return this.#server.dispose()
  }
}
