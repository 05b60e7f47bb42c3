/** One part of a running server. Parts start in order, and drain and stop in the opposite order. */
export interface Service {
  /** What a person reads while it starts. */
  readonly doing: string
  /** What did not work when `run` rejects without saying so itself. */
  readonly failing: string
  run(): Promise<void>
  /** Brings what is under way to an orderly end. Only called once `run` has resolved. */
  drain?(): Promise<void>
  /** Frees everything. Called even when `run` has rejected. */
  stop(): Promise<void>
  /** Ends as fast as possible, when the process is about to exit. Default: nothing. */
  kill?(): void | Promise<void>
}
