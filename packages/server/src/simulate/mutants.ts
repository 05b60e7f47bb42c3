/** A bug that somebody could write: one line of our own code, changed. The simulator must notice each. */
export interface Mutant {
  readonly name: string
  /** The end of the module's URL. */
  readonly module: string
  /** Code as it is built, found there exactly once, and what takes its place. */
  readonly from: string
  readonly to: string
  /** What finds it: a scenario by its name. */
  readonly scenario: 'inputs' | 'ops' | 'zones' | 'borders' | 'jobs' | 'mission'
}

const BUFFER = 'causality/dist/delivery/causal-buffer.js'
const MAILBOX = 'causality/dist/delivery/causal-mailbox.js'
const OPS = 'engine/dist/ops/zone-ops.js'
const COMMITTER = 'engine/dist/zone/committer.js'
const ZONE = 'engine/dist/zone/zone.js'
const JOB_RUNTIME = 'jobs/dist/runtime/job-runtime.js'
const HANDOVER = 'engine/dist/handover/zone-handover.js'
const REPLICAS = 'engine/dist/replicas/replica-store.js'
const DUE = 'op.number === this.deliveredOf(op.sender) + 1 && op.after.every('

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'an op is applied where its rows have been',
    module: OPS,
    from: 'if (body.address !== void 0 && this.#passOn(sender, body, body.address)) return;',
    to: '',
    scenario: 'zones',
  },
  {
    name: 'a refusal stays where the rows have been',
    module: OPS,
    from: 'if (at !== void 0 && this.#passOn(sender, { ...body, why }, at)) return;',
    to: '',
    scenario: 'zones',
  },
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
    from: 'this.#streams.restore(name, batch.streams[i + 1], batch.at);',
    to: '',
    scenario: 'inputs',
  },
  {
    name: 'a warm copy holds for covered what the tables lack',
    module: 'engine/dist/zone/zone-followers.js',
    from: 'recovery.covered(checkpoint);',
    to: 'recovery.covered(recovery.seq);',
    scenario: 'inputs',
  },
  {
    name: 'roll-back leaves what was inserted',
    module: 'engine/dist/state/undo-log.js',
    from: 'table.unlink(entity);',
    to: '',
    scenario: 'inputs',
  },
  {
    name: 'late acknowledgement: a row that was given is taken back when no answer comes in time',
    module: HANDOVER,
    from: 'if (outcome.kept) {',
    to: `if (outcome.kept) {
      const [row, tick, dueAt] = [{ ...entity.row }, this.tick.bind(this), this.#options.clock.now() + 200];
      this.tick = () => {
        tick();
        if (this.#options.clock.now() < dueAt) return;
        this.tick = tick;
        if (runner.systemTables[0].count > 0) runner.run("", (tx) => tx[decision.kind].insert(row));
      };`,
    scenario: 'borders',
  },
  {
    name: 'a row that was given stays as well',
    module: 'engine/dist/handover/handover-op.js',
    from: 'for (const [name, keys] of leaving) for (const each of keys) tables[name]?.delete(each);',
    to: '',
    scenario: 'borders',
  },
  {
    name: 'an older copy takes the place of a newer one',
    module: REPLICAS,
    from: 'if (count < (copies.lastRound.get(author) ?? 0)) {',
    to: `if (count < (copies.lastRound.get(author) ?? 0)) {
      for (const held of copies.held.values()) held.sentAt = { get: () => -1, equals: () => false };
    }
    if (false) {`,
    scenario: 'borders',
  },
  {
    name: 'a copy that writes: it enters the log and the tables of the zone that has it',
    module: ZONE,
    from: 'publish: (entity, mask) => {',
    to: 'publish: (entity, mask) => { zone.#changed(entity, mask, true);',
    scenario: 'borders',
  },
  {
    name: 'copies show what is not durable',
    module: ZONE,
    from: 'this.#borders.sealed();',
    to: 'this.#borders.sealed(); this.#borders.committed();',
    scenario: 'borders',
  },
  {
    name: 'ops to another process leave before they are durable',
    module: ZONE,
    from: 'this.#ops.seal();',
    to: 'this.#ops.seal(); this.#ops.committed();',
    scenario: 'borders',
  },
  {
    name: 'ops of another process are acknowledged before they are durable',
    module: OPS,
    from: 'this.#owed.add(sender);',
    to: 'this.#durablyDelivered = this.#mailbox.delivered; this.#acknowledge(sender, false);',
    scenario: 'borders',
  },
  {
    name: 'a claim is known by its slot alone',
    module: 'jobs/dist/claims/claim-table.js',
    from: 'return slot < this.#used && this.#sequence[slot] === sequence;',
    to: 'return slot < this.#used && this.#sequence[slot] !== -1;',
    scenario: 'jobs',
  },
  {
    name: 'a repeated completion is believed to be the same',
    module: JOB_RUNTIME,
    from: 'if (digest === completion.digest) return',
    to: 'return',
    scenario: 'jobs',
  },
  {
    name: 'what a liar has told before is kept',
    module: JOB_RUNTIME,
    from: 'this.#discard(found);',
    to: '',
    scenario: 'jobs',
  },
  {
    name: 'one node is agreement enough',
    module: 'jobs/dist/trust/reviews.js',
    from: 'if (best.length >= this.#policy.agreement) {',
    to: 'if (best.length >= 1) {',
    scenario: 'jobs',
  },
  {
    name: 'heartbeats hold a chunk for ever',
    module: JOB_RUNTIME,
    from: 'table.claimedAtOf(slot) + this.#limits.holdMsMax',
    to: 'Infinity',
    scenario: 'jobs',
  },
  {
    name: 'what was saved is given out again',
    module: 'jobs/dist/job/running-job.js',
    from: 'for (const { from, to } of ranges) this.#pool.take(variant, from, to);',
    to: '',
    scenario: 'jobs',
  },
  {
    name: 'a new sentinel decides again what a phase has decided',
    module: 'jobs/dist/job/running-job.js',
    from: 'if (index > 0 && ',
    to: 'if (false && ',
    scenario: 'jobs',
  },
  {
    name: 'nobody asks what the owner of a node wants',
    module: 'jobs/dist/schedule/schedule.js',
    from: 'if (!includes(node.share, "public")) return void 0;',
    to: '',
    scenario: 'jobs',
  },
  {
    name: 'a chunk that has failed is not tried again',
    module: 'jobs/dist/job/work-pool.js',
    from: 'this.#retries.push({ ...chunk, node, avoidUntil });',
    to: '',
    scenario: 'jobs',
  },
  {
    name: 'who goes through the door stays on this side as well',
    module: 'engine/dist/handover/handover-op.js',
    from: 'for (const [name, keys] of leaving) for (const each of keys) tables[name]?.delete(each);',
    to: 'for (const [name, keys] of leaving) if (name !== "runners") for (const each of keys) tables[name]?.delete(each);',
    scenario: 'mission',
  },
  {
    name: 'a score leaves for the persona zone before it is durable that a core was slotted',
    module: ZONE,
    from: 'this.#ops.seal();',
    to: 'this.#ops.seal(); this.#ops.committed();',
    scenario: 'mission',
  },
  {
    name: 'a score that comes again is counted again',
    module: OPS,
    from: 'if (offer.kind === "delivered") for (const each of offer.ops) this.#deliver(each);',
    to: 'if (offer.kind === "delivered" || this.#options.zone.startsWith("persona-")) for (const each of offer.ops ?? [op]) this.#deliver(each);',
    scenario: 'mission',
  },
  {
    name: 'a score is counted before what it follows from',
    module: BUFFER,
    from: DUE,
    to: 'op.number === this.deliveredOf(op.sender) + 1 && ((..._) => true)(',
    scenario: 'mission',
  },
  {
    name: 'no copy is ever stale',
    module: REPLICAS,
    from: 'return sentAt.get(author) < this.#used.clock().get(author);',
    to: 'return false;',
    scenario: 'mission',
  },
  {
    name: 'of two changes of a row between publications the last is shown',
    module: 'engine/dist/interest/publisher.js',
    from: 'entity.publishMask |= mask;',
    to: 'entity.publishMask = mask;',
    scenario: 'mission',
  },
  {
    name: 'a slotted core stays on the floor',
    module: 'worlds/maglev/dist/terminal.js',
    from: 'tx.cores.delete(core);',
    to: 'tx.cores.update(core, { carriedBy: null });',
    scenario: 'mission',
  },
]
