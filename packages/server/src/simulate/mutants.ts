/** A bug that somebody could write: one line of our own code, changed. The simulator must notice each. */
export interface Mutant {
  readonly name: string
  /** The end of the module's URL. */
  readonly module: string
  /** Code as it is built, found there exactly once, and what takes its place. */
  readonly from: string
  readonly to: string
  /** What finds it: a scenario by its name. */
  readonly scenario: 'inputs' | 'ops'
}

const BUFFER = 'causality/dist/delivery/causal-buffer.js'
const MAILBOX = 'causality/dist/delivery/causal-mailbox.js'
const OPS = 'engine/dist/ops/zone-ops.js'
const COMMITTER = 'engine/dist/zone/committer.js'
const ZONE = 'engine/dist/zone/zone.js'
const DUE = 'op.number === this.deliveredOf(op.sender) + 1 && op.after.every('

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'bare le gate: an op goes through whatever came before it',
    module: BUFFER,
    from: DUE,
    to: 'op.number > this.deliveredOf(op.sender) && ((..._) => true)(',
    scenario: 'ops',
  },
  {
    name: 'per-sender order only: ops do not wait for those of other zones',
    module: BUFFER,
    from: DUE,
    to: 'op.number === this.deliveredOf(op.sender) + 1 && ((..._) => true)(',
    scenario: 'ops',
  },
  {
    name: 'no dedupe: an op that comes again is applied again',
    module: OPS,
    from: 'if (offer.kind === "delivered") for (const each of offer.ops) this.#deliver(each);',
    to: 'if (offer.kind === "delivered" || offer.kind === "duplicate") for (const each of offer.ops ?? [op]) this.#deliver(each);',
    scenario: 'ops',
  },
  {
    name: 'what an op follows is not passed on',
    module: MAILBOX,
    from: 'this.#links.learn(pruneColumns(passes, this.membership));',
    to: '',
    scenario: 'ops',
  },
  {
    name: 'ops of one batch are stamped one by one',
    module: OPS,
    from: 'this.#mailbox.sendTogether(letters).entries()',
    to: 'letters.map(({ destination, value, size }) => this.#mailbox.send(destination, value, size)).entries()',
    scenario: 'ops',
  },
  {
    name: 'nothing is sent again when a receipt does not come',
    module: OPS,
    from: 'if (this.#outbox.isOverdue(link, now)) {',
    to: 'if (false) {',
    scenario: 'ops',
  },
  {
    name: 'a refused op is not given back',
    module: OPS,
    from: 'if (!body.wantsRefusal) {',
    to: 'if (true) {',
    scenario: 'ops',
  },
  {
    name: 'after a crash nothing of the outbox is sent',
    module: OPS,
    from: 'for (const link of this.#outbox.links) this.#transmit(link);',
    to: '',
    scenario: 'ops',
  },
  {
    name: 'durable ack before commit',
    module: ZONE,
    from: 'this.#sealedStreams.push({ stream, number: stream.applied });',
    to: 'this.#sealedStreams.push({ stream, number: stream.applied }); stream.durable = stream.applied; stream.handle?.holder.onDurable(stream.handle);',
    scenario: 'inputs',
  },
  {
    name: 'an input that comes again is executed again',
    module: ZONE,
    from: 'if (seq <= stream.applied) return "past";',
    to: 'if (seq < stream.applied) return "past"; if (seq === stream.applied) return this.#execute(stream, input, args);',
    scenario: 'inputs',
  },
  {
    name: 'who was fenced goes on as if committed',
    module: COMMITTER,
    from: 'else if (result === "fenced") source.fenced();',
    to: 'else if (result === "fenced") source.committed(entry.seq);',
    scenario: 'inputs',
  },
  {
    name: 'an append whose answer was lost counts as committed',
    module: COMMITTER,
    from: 'if (cause instanceof UncertainStoreError) answerLost = true;',
    to: 'if (cause instanceof UncertainStoreError) return entries.map(() => "committed");',
    scenario: 'inputs',
  },
  {
    name: 'a checkpoint takes its position from the newest batch, whatever is still to be written',
    module: 'engine/dist/zone/checkpointer.js',
    from: 'to: oldest === void 0 ? seq : Math.max(this.#position, oldest - 1),',
    to: 'to: seq + 1,',
    scenario: 'inputs',
  },
  {
    name: 'recovery forgets how far the players had come',
    module: 'engine/dist/zone/recovery.js',
    from: 'this.#streams.restore(batch.streams[i], batch.streams[i + 1], batch.at);',
    to: '',
    scenario: 'inputs',
  },
  {
    name: 'roll-back leaves what was inserted',
    module: 'engine/dist/state/undo-log.js',
    from: 'table.unlink(entity);',
    to: '',
    scenario: 'inputs',
  },
]
