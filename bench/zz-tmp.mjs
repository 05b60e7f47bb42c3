// packages/core/src/assert.ts
var AssertionError = class extends Error {
  constructor(message) {
    super(message)
    this.name = 'AssertionError'
  }
}
function assert(condition, message) {
  if (!condition) throw new AssertionError(message)
}

// packages/core/src/errors.ts
var TerraneError = class extends Error {
  code
  retry
  hint
  constructor(code, message, options2 = {}) {
    super(message, options2.cause === void 0 ? void 0 : { cause: options2.cause })
    this.name = 'TerraneError'
    this.code = code
    this.retry = options2.retry ?? 'never'
    this.hint = options2.hint
  }
}
function messageOf(thrown) {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

// packages/core/src/histogram.ts
var Histogram = class {
  #counts = new Float64Array(40 * 16)
  #total = 0
  #sum = 0
  #max = 0
  /** @param value in milliseconds */
  record(value) {
    const micros = Math.max(1, value * 1e3)
    const index = Math.min(this.#counts.length - 1, Math.floor(Math.log2(micros) * 16))
    this.#counts[index] = this.#counts[index] + 1
    this.#total++
    this.#sum += value
    if (value > this.#max) this.#max = value
  }
  get count() {
    return this.#total
  }
  get mean() {
    return this.#total === 0 ? 0 : this.#sum / this.#total
  }
  get max() {
    return this.#max
  }
  /** The value in milliseconds below which the fraction `q` of the records lies; 0 when empty. */
  quantile(q) {
    if (this.#total === 0) return 0
    const rank = Math.max(1, Math.ceil(q * this.#total))
    let seen = 0
    for (let i = 0; i < this.#counts.length; i++) {
      seen += this.#counts[i]
      if (seen >= rank) return Math.min(this.#max, 2 ** ((i + 1) / 16) / 1e3)
    }
    return this.#max
  }
  merge(other) {
    for (let i = 0; i < this.#counts.length; i++) {
      this.#counts[i] = this.#counts[i] + other.#counts[i]
    }
    this.#total += other.#total
    this.#sum += other.#sum
    this.#max = Math.max(this.#max, other.#max)
  }
  reset() {
    this.#counts.fill(0)
    this.#total = 0
    this.#sum = 0
    this.#max = 0
  }
}

// packages/core/src/prng.ts
var Prng = class _Prng {
  #a
  #b
  #c
  #counter = 1
  constructor(seed) {
    const [a, b, c] = seedWords(String(seed))
    this.#a = a
    this.#b = b
    this.#c = c
    for (let round = 0; round < 12; round++) this.u32()
  }
  /** Uniform integer in [0, 2³²). */
  u32() {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0
    return t >>> 0
  }
  /** Uniform in [0, 1), 32 bits of it. */
  float() {
    return this.u32() / 4294967296
  }
  /** Uniform integer in [0, bound). */
  below(bound) {
    assert(bound > 0 && bound <= 4294967296, `bound out of range: ${bound}`)
    return Math.floor(this.float() * bound)
  }
  /** Uniform integer in [low, high], both included. */
  between(low, high) {
    return low + this.below(high - low + 1)
  }
  /** True with the given probability. */
  chance(probability) {
    return this.float() < probability
  }
  pick(items) {
    assert(items.length > 0, 'pick from an empty list')
    return items[this.below(items.length)]
  }
  /** Fisher–Yates, in place. */
  shuffle(items) {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const held = items[i]
      items[i] = items[j]
      items[j] = held
    }
    return items
  }
  /** An independent stream: what one consumer draws does not shift what another sees. */
  fork(label) {
    return new _Prng(`${this.u32()}:${this.u32()}:${label}`)
  }
  /** A 80-bit identifier, 16 characters of Crockford's base 32. */
  id() {
    let text = ''
    for (let i = 0; i < 16; i++) text += CROCKFORD[this.u32() & 31]
    return text
  }
}
var CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz'
function seedWords(text) {
  const words = [2166136261, 2646966556, 305419896]
  for (let word = 0; word < 3; word++) {
    let hash = words[word]
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619)
    words[word] = hash | 0
  }
  return words
}

// packages/core/src/time.ts
var systemClock = { now: () => Date.now() }
var systemTimers = {
  after(delayMs, work) {
    const handle = setTimeout(work, delayMs)
    return { cancel: () => clearTimeout(handle) }
  },
  soon(work) {
    if (typeof setImmediate === 'function') setImmediate(work)
    else setTimeout(work, 0)
  },
}
function sleep(timers, delayMs) {
  return new Promise((resolve) => {
    timers.after(delayMs, resolve)
  })
}
function backoffMs(attempt, random, baseMs = 50, capMs = 5e3) {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 20))
  return Math.max(1, Math.ceil(random() * ceiling))
}

// packages/engine/src/limits.ts
var DEFAULT_LIMITS = {
  stallAfterMs: 2e3,
  checkpointRowsMax: 2e4,
  checkpointEveryMs: 1e3,
  checkpointShareMax: 0.2,
  tailBytesMax: 256 * 1024 * 1024,
  retentionMs: 10 * 6e4,
  idleMs: 6e4,
  leaseMs: 1e4,
  historyMax: 64,
  streamRetentionMs: 24 * 36e5,
  radiusFactorMax: 1,
}

// packages/engine/src/ports/store.ts
var TransientStoreError = class extends Error {
  name = 'TransientStoreError'
}
var UncertainStoreError = class extends TransientStoreError {
  name = 'UncertainStoreError'
}

// packages/engine/src/zone/committer.ts
var Committer = class {
  counters = { batches: 0, bytes: 0, appends: 0, retries: 0, appendMs: new Histogram() }
  #log
  #clock
  #timers
  #random
  #stallAfterMs
  #waiting = /* @__PURE__ */ new Set()
  #running = false
  #stopped = false
  constructor(options2) {
    this.#log = options2.log
    this.#clock = options2.clock
    this.#timers = options2.timers
    this.#random = options2.random
    this.#stallAfterMs = options2.stallAfterMs
  }
  /** Commits wait for the database right now. */
  get busy() {
    return this.#running
  }
  /** The zone has something to commit. */
  request(source) {
    if (this.#waiting.size === 0 && !this.#running) {
      this.#running = true
      this.#timers.soon(() => void this.#run())
    }
    this.#waiting.add(source)
  }
  /** Abandons what is in flight: used when the process dies. */
  stop() {
    this.#stopped = true
  }
  async #run() {
    while (this.#waiting.size > 0 && !this.#stopped) {
      const sources = []
      const entries = []
      for (const source of this.#waiting) {
        const entry = source.seal()
        if (entry === void 0) continue
        sources.push(source)
        entries.push(entry)
      }
      this.#waiting.clear()
      if (entries.length > 0) await this.#commit(sources, entries)
    }
    this.#running = false
  }
  async #commit(sources, entries) {
    const startedAt = this.#clock.now()
    let results
    try {
      results = await this.#append(sources, entries, startedAt)
    } catch (cause) {
      results = entries.length === 1 ? [{ refused: cause }] : await this.#appendEach(sources, entries, startedAt)
    }
    if (this.#stopped) return
    this.counters.appends++
    this.counters.appendMs.record(this.#clock.now() - startedAt)
    for (let i = 0; i < entries.length; i++) {
      const source = sources[i]
      const entry = entries[i]
      const result = results[i]
      if (result === 'committed') {
        this.counters.batches++
        this.counters.bytes += entry.payload.length
        source.committed(entry.seq)
      } else if (result === 'fenced') source.fenced()
      else source.refused(result?.refused)
    }
  }
  async #appendEach(sources, entries, startedAt) {
    const results = []
    for (let i = 0; i < entries.length; i++) {
      try {
        const [result] = await this.#append([sources[i]], [entries[i]], startedAt)
        results.push(result)
      } catch (cause) {
        results.push({ refused: cause })
      }
    }
    return results
  }
  /**
   * Appends until the store has answered for every entry. Throws only what no repetition can mend.
   * When an answer was lost, the log is read before anything is appended again, and a position that
   * turns out to be taken by our own epoch holds our earlier attempt: an epoch has one writer.
   */
  async #append(sources, entries, startedAt) {
    const results = /* @__PURE__ */ new Map()
    let answerLost = false
    for (let attempt = 0; results.size < entries.length; attempt++) {
      try {
        if (answerLost) {
          for (const entry of entries) {
            if (!results.has(entry) && (await this.#landed(entry))) results.set(entry, 'committed')
          }
        }
        const open = entries.filter((entry) => !results.has(entry))
        if (open.length === 0) break
        const answers = await this.#log.append(open)
        for (let i = 0; i < open.length; i++) {
          const entry = open[i]
          const fencedByUs = answers[i] === 'fenced' && answerLost && (await this.#landed(entry))
          results.set(entry, fencedByUs ? 'committed' : answers[i])
        }
      } catch (cause) {
        if (!(cause instanceof TransientStoreError) || this.#stopped) throw cause
        if (cause instanceof UncertainStoreError) answerLost = true
        this.counters.retries++
        if (this.#clock.now() - startedAt >= this.#stallAfterMs) for (const source of sources) source.stalled(cause)
        await sleep(
          this.#timers,
          backoffMs(attempt, () => this.#random.float()),
        )
      }
    }
    return entries.map((entry) => results.get(entry))
  }
  async #landed(entry) {
    const head = await this.#log.headOf(entry.zone)
    return head?.seq === entry.seq && head.epoch === entry.epoch
  }
}

// packages/protocol/src/channel-frames.ts
var encoder = new TextEncoder()
var decoder = new TextDecoder('utf-8', { fatal: true })

// packages/protocol/src/errors.ts
var ERRORS = {
  malformed: { retry: 'never', closes: 4e3, text: 'the frame is not a Phoenix V2 message' },
  oversized: { retry: 'never', closes: 1009, text: 'the frame is larger than the limit' },
  unauthorized: { retry: 'never', closes: 4001, text: 'the token is missing, expired or not valid' },
  auth_unavailable: { retry: 'later', closes: 1013, text: 'tokens cannot be checked now' },
  forbidden: { retry: 'never', text: 'this player may not do that' },
  unknown_topic: { retry: 'never', text: 'no such topic' },
  unknown_event: { retry: 'never', text: 'no such event on this topic' },
  unknown_input: { retry: 'never', text: 'the world has no input of that name' },
  not_joined: { retry: 'never', text: 'join the topic first' },
  invalid_args: { retry: 'never', text: 'the arguments do not match the schema' },
  input_gap: { retry: 'never', closes: 4002, text: 'an input number was left out' },
  rate_limited: { retry: 'later', text: 'more inputs per second than the limit' },
  flooding: { retry: 'later', closes: 4003, text: 'kept sending far above the rate limit' },
  too_slow: { retry: 'later', closes: 4004, text: 'did not read what was sent to it' },
  zone_unavailable: { retry: 'later', text: 'the zone cannot take inputs now; nothing was lost' },
  zone_moved: { retry: 'later', closes: 4005, text: 'the zone is now served elsewhere; connect again' },
  replaced: { retry: 'never', closes: 4006, text: 'the same client connected a second time' },
  draining: { retry: 'later', closes: 1012, text: 'the server is going down; connect again' },
  full: { retry: 'later', closes: 1013, text: 'the server has reached its connection limit' },
  silent: { retry: 'later', closes: 4007, text: 'no heartbeat arrived in time' },
  not_found: { retry: 'never', text: 'no such row' },
  duplicate: { retry: 'never', text: 'a row with this key or unique value exists' },
  world_error: { retry: 'never', text: 'the world code failed; the input was rolled back' },
}
function wireError(kind2, message = ERRORS[kind2].text) {
  return { code: kind2, message, retry: ERRORS[kind2].retry }
}

// packages/protocol/src/payloads.ts
import { Packr, Unpackr } from 'msgpackr'

var options = { useRecords: false, moreTypes: false }
var packr = new Packr(options)
var unpackr = new Unpackr({ ...options, int64AsType: 'number' })
function pack(value) {
  return packr.pack(value)
}
function unpack(bytes) {
  return unpackr.unpack(bytes)
}

// packages/protocol/src/state-blocks.ts
var FORM_SNAPSHOT = 1
var FORM_LEFT = 2
var ENTRY_CHANGED = 0
var ENTRY_FULL = 1
var ENTRY_GONE = 2
function encodeBlock(cell, form, version, previous, entries) {
  return pack([cell, form, version, previous, ...entries])
}
function popCount(mask) {
  let bits = mask
  let count = 0
  while (bits !== 0) {
    bits &= bits - 1
    count++
  }
  return count
}

// packages/protocol/src/version.ts
var PROTOCOL_HISTORY = [
  {
    version: 1,
    change: 'Zone channels: numbered inputs, cumulative acks, state blocks, resume; stats; presence',
    hash: '',
  },
]
var PROTOCOL_VERSION = PROTOCOL_HISTORY.at(-1).version

// packages/protocol/src/zone-channel.ts
import { z } from 'zod'

var SKIP = -1
var finite = z.number()
var focusSchema = z.discriminatedUnion('mode', [
  /** What the world's `follow` says, or the last area when it has none. */
  z.strictObject({ mode: z.literal('follow') }),
  z.strictObject({ mode: z.literal('area'), x: finite, y: finite, radius: finite.positive().optional() }),
  z.strictObject({ mode: z.literal('rooms'), rooms: z.array(z.union([z.string().max(64), z.int()])).max(64) }),
  /** The whole zone, where the world allows observers. */
  z.strictObject({ mode: z.literal('all') }),
  z.strictObject({ mode: z.literal('none') }),
])
var CELLS_MAX = 4096
var joinSchema = z.object({
  /** Tells apart several clients of one player; each has its own input numbers. */
  client: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,32}$/, 'use 1 to 32 letters, digits, dashes or underscores')
    .default('main'),
  focus: focusSchema.default({ mode: 'follow' }),
  /** What this client holds from before, as [cell, version] pairs flattened, and of which epoch. */
  resume: z.strictObject({ epoch: z.int(), cells: z.array(z.number()).max(CELLS_MAX * 2) }).optional(),
  format: z.enum(['binary', 'json']).default('json'),
  /** `durable` leaves out the ack of an input that is applied and not yet durable. */
  acks: z.enum(['both', 'durable']).default('both'),
  presence: z.boolean().default(true),
})
var textInputSchema = z.strictObject({
  name: z.string(),
  args: z.unknown().optional(),
  /** Number of this input; the next one when absent. */
  seq: z.int().positive().optional(),
})
var resyncSchema = z.strictObject({ cells: z.array(z.number()).max(CELLS_MAX) })

// packages/engine/src/interest/cells.ts
var GRID_HALF = 32768
var GRID_SPAN = 65536
var NAMED_FROM = GRID_SPAN * GRID_SPAN
var Cell = class {
  id
  /** One of the grid's. */
  isGrid
  /** A player's own: seen by nobody else. */
  isPrivate
  members = []
  /** Subscriptions that see it one by one (observers of the whole zone are counted by the publisher). */
  watchers = 0
  /** Publication in which it last changed; 0 when it never did. */
  version = 0
  /** Last publications, oldest first: what a client that comes back may have missed. */
  history = []
  /** Entries gathered for the coming publication, flat; undefined when nothing happened. */
  pending = void 0
  /** This publication's delta block, when there is one. */
  block = void 0
  blockVersion = -1
  /** The whole cell as of `snapshotVersion`. */
  snapshot = void 0
  snapshotVersion = -1
  constructor(id, isPrivate = false) {
    this.id = id
    this.isGrid = id < NAMED_FROM
    this.isPrivate = isPrivate
  }
  add(entity) {
    entity.cell = this
    entity.slot = this.members.length
    this.members.push(entity)
  }
  remove(entity) {
    const last = this.members.pop()
    assert(last !== void 0 && entity.cell === this, 'a cell lacks an entity that it should hold')
    if (last !== entity) {
      this.members[entity.slot] = last
      last.slot = entity.slot
    }
    entity.cell = void 0
  }
}
var NOWHERE = new Cell(-1)
var CellMap = class {
  edge
  #grid = /* @__PURE__ */ new Map()
  #named = /* @__PURE__ */ new Map()
  #nextNamed = NAMED_FROM
  /** @param edge length of a grid cell in world units */
  constructor(edge) {
    this.edge = edge
  }
  /** Column or row of a coordinate; positions beyond the grid fall in its outermost cells. */
  lane(coordinate) {
    const lane = Math.floor(coordinate / this.edge) + GRID_HALF
    return lane < 0 ? 0 : lane >= GRID_SPAN ? GRID_SPAN - 1 : lane
  }
  idAt(column, row) {
    return row * GRID_SPAN + column
  }
  at(x, y) {
    return this.ensure(this.idAt(this.lane(x), this.lane(y)))
  }
  peek(id) {
    return this.#grid.get(id)
  }
  /** The grid cell of this id, made when it is missing. */
  ensure(id) {
    let cell = this.#grid.get(id)
    if (cell === void 0) {
      cell = new Cell(id)
      this.#grid.set(id, cell)
    }
    return cell
  }
  named(name) {
    let cell = this.#named.get(name)
    if (cell === void 0) {
      cell = new Cell(this.#nextNamed++, name.startsWith('owner:'))
      this.#named.set(name, cell)
    }
    return cell
  }
  *all() {
    yield* this.#grid.values()
    yield* this.#named.values()
  }
  /** Forgets grid cells that hold nothing and that nobody watches. */
  sweep() {
    for (const [id, cell] of this.#grid) {
      if (cell.members.length === 0 && cell.watchers === 0) this.#grid.delete(id)
    }
    for (const [name, cell] of this.#named) {
      if (cell.members.length === 0 && cell.watchers === 0) this.#named.delete(name)
    }
  }
  /** All entities of the cells that a circle's bounding box touches: a superset of those within the circle. */
  around(x, y, radius) {
    const bottom = this.lane(y - radius)
    const top = this.lane(y + radius)
    const left = this.lane(x - radius)
    const right = this.lane(x + radius)
    const found = []
    for (let row = bottom; row <= top; row++) {
      for (let column = left; column <= right; column++) {
        const cell = this.#grid.get(this.idAt(column, row))
        if (cell !== void 0) found.push(...cell.members)
      }
    }
    return found
  }
}

// packages/engine/src/zone/zone-session.ts
var STATE_HEADROOM = 112

// packages/engine/src/interest/publication.ts
var Publication = class {
  version
  /** Changed cells of the grid in order of id, with the place of each one's block in `bytes`. */
  gridIds = []
  gridOffsets = [0]
  #bytes = Buffer.alloc(0)
  /** Changed rooms and `everyone`; owners' cells are not here. */
  shared
  constructor(version, grid, shared) {
    this.version = version
    this.shared = shared
    if (grid.length === 0) return
    grid.sort((a, b) => a.id - b.id)
    let length = 0
    for (const cell of grid) {
      length += cell.block.length
      this.gridIds.push(cell.id)
      this.gridOffsets.push(length)
    }
    this.#bytes = Buffer.allocUnsafe(length)
    for (let i = 0; i < grid.length; i++) this.#bytes.set(grid[i].block, this.gridOffsets[i])
  }
  /** The blocks of changed cells with ids from `first` to `last`, as one slice. */
  slice(first, last) {
    const from = lowerBound(this.gridIds, first)
    const to = lowerBound(this.gridIds, last + 1)
    if (from === to) return void 0
    return this.#bytes.subarray(this.gridOffsets[from], this.gridOffsets[to])
  }
  get wholeGrid() {
    return this.#bytes
  }
}
function lowerBound(sorted, bound) {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle] < bound) low = middle + 1
    else high = middle
  }
  return low
}
function frameOf(parts) {
  let length = STATE_HEADROOM
  for (const part of parts) length += part.length
  const bytes = Buffer.allocUnsafe(length)
  let at = STATE_HEADROOM
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return { bytes, encoded: /* @__PURE__ */ new Map() }
}
function snapshotOf(cell) {
  if (cell.snapshot !== void 0 && cell.snapshotVersion === cell.version) return cell.snapshot
  const entries = []
  for (const entity of cell.members) appendWhole(entries, entity)
  cell.snapshot = encodeBlock(cell.id, FORM_SNAPSHOT, cell.version, cell.version, entries)
  cell.snapshotVersion = cell.version
  return cell.snapshot
}
function appendWhole(entries, entity) {
  entries.push(entity.id, entity.table.number * 4 + ENTRY_FULL)
  for (const name of entity.table.names) entries.push(entity.row[name])
}
function leftBlock(id) {
  return encodeBlock(id, FORM_LEFT, 0, 0, [])
}
function catchUp(cell, version) {
  if (cell.version === version) return []
  const from = cell.history.findIndex((change) => change.previous === version)
  if (from === -1) return [snapshotOf(cell)]
  return cell.history.slice(from).map((change) => change.block)
}

// packages/engine/src/interest/area.ts
var Area = class _Area {
  /** First row. */
  bottom
  /** First and last column of each row from `bottom` on; empty where left > right. */
  left
  right
  constructor(bottom, left, right) {
    this.bottom = bottom
    this.left = left
    this.right = right
  }
  static EMPTY = new _Area(0, new Int32Array(0), new Int32Array(0))
  /** Exact: a cell belongs to it when some point of the cell is within the radius. */
  static around(cells, x, y, radius) {
    const edge = cells.edge
    const bottom = cells.lane(y - radius)
    const rows = cells.lane(y + radius) - bottom + 1
    const left = new Int32Array(rows)
    const right = new Int32Array(rows)
    const centre = cells.lane(y)
    for (let i = 0; i < rows; i++) {
      const row = bottom + i
      const base = y - (y - edge * Math.floor(y / edge))
      const dy =
        row === centre ? 0 : row > centre ? base + (row - centre) * edge - y : y - (base - (centre - row - 1) * edge)
      const half = Math.sqrt(Math.max(0, radius * radius - dy * dy))
      left[i] = cells.lane(x - half)
      right[i] = cells.lane(x + half)
    }
    return new _Area(bottom, left, right)
  }
  get rows() {
    return this.left.length
  }
  leftAt(row) {
    const i = row - this.bottom
    return i >= 0 && i < this.left.length ? this.left[i] : 1
  }
  rightAt(row) {
    const i = row - this.bottom
    return i >= 0 && i < this.right.length ? this.right[i] : 0
  }
  has(column, row) {
    return column >= this.leftAt(row) && column <= this.rightAt(row)
  }
  equals(other) {
    if (this.bottom !== other.bottom || this.left.length !== other.left.length) return false
    for (let i = 0; i < this.left.length; i++) {
      if (this.left[i] !== other.left[i] || this.right[i] !== other.right[i]) return false
    }
    return true
  }
  /** Calls `visit(column, row)` for every cell of this area that `other` lacks. */
  eachBeyond(other, visit) {
    for (let i = 0; i < this.left.length; i++) {
      const row = this.bottom + i
      const skipFrom = other.leftAt(row)
      const skipTo = other.rightAt(row)
      for (let column = this.left[i]; column <= this.right[i]; column++) {
        if (column >= skipFrom && column <= skipTo) column = skipTo
        else visit(column, row)
      }
    }
  }
}

// packages/engine/src/interest/subscription.ts
var SNAPSHOT_BYTES_MAX = 256 * 1024
var InterestSubscription = class {
  #publisher
  #sink
  #player
  #focus
  /** The focus that `#named` and `#observing` follow; they change only with it. */
  #appliedFocus
  #area = Area.EMPTY
  #named = /* @__PURE__ */ new Set()
  #observing = false
  #awaiting = /* @__PURE__ */ new Set()
  #left = []
  /** Versions that the client brought along, by cell id. */
  #brought = /* @__PURE__ */ new Map()
  /** Publication up to which this client has everything. */
  #delivered
  #lagging = false
  constructor(publisher, sink, player, focus, resume) {
    publisher.requireAllowed(focus)
    this.#publisher = publisher
    this.#sink = sink
    this.#player = player
    this.#focus = focus
    this.#delivered = publisher.version
    for (let i = 0; i + 1 < (resume?.cells.length ?? 0); i += 2) {
      this.#brought.set(resume?.cells[i], resume?.cells[i + 1])
    }
  }
  focus(focus) {
    this.#publisher.requireAllowed(focus)
    this.#focus = focus
  }
  resync(ids) {
    const wanted = new Set(ids)
    this.#eachCell((cell) => {
      if (wanted.has(cell.id)) this.#awaiting.add(cell)
    })
  }
  end() {
    const { cells } = this.#publisher
    this.#area.eachBeyond(Area.EMPTY, (column, row) => {
      cells.ensure(cells.idAt(column, row)).watchers--
    })
    for (const cell of this.#named) cell.watchers--
    if (this.#observing) this.#publisher.observerChanged(-1)
    this.#area = Area.EMPTY
    this.#named.clear()
    this.#observing = false
  }
  publish(publication) {
    if (!this.#sink.ready()) {
      this.#lagging = true
      return
    }
    this.#look()
    const calm = !this.#lagging && this.#awaiting.size === 0 && this.#left.length === 0
    if (calm) this.#publishDeltas(publication)
    else this.#publishCatchUp()
    this.#delivered = publication.version
    this.#lagging = false
  }
  /** The common case: nothing but deltas, in slices of the publication. */
  #publishDeltas(publication) {
    const publisher = this.#publisher
    if (this.#observing && !this.#hasOwnNews(publication.version)) {
      const frame = publisher.observersFrame(publication)
      if (frame !== void 0) this.#sink.deliver(frame)
      return
    }
    const parts = []
    let lone
    if (this.#observing) {
      parts.push(publication.wholeGrid)
      for (const cell of publication.shared) if (!this.#named.has(cell)) parts.push(cell.block)
    } else if (publication.gridIds.length > 0) {
      this.#pushSlices(publication, parts)
    }
    for (const cell of this.#named) {
      if (cell.blockVersion !== publication.version) continue
      if (parts.length === 0) lone = cell
      parts.push(cell.block)
    }
    if (parts.length === 0) return
    this.#sink.deliver(parts.length === 1 && lone !== void 0 ? publisher.cellFrame(lone) : frameOf(parts))
  }
  #pushSlices(publication, parts) {
    const { cells } = this.#publisher
    const area = this.#area
    for (let i = 0; i < area.rows; i++) {
      const row = area.bottom + i
      const first = cells.idAt(area.left[i], row)
      const slice = publication.slice(first, first + area.right[i] - area.left[i])
      if (slice !== void 0) parts.push(slice)
    }
  }
  /** Cells went out of sight, await their snapshot, or the client could not be reached for a while. */
  #publishCatchUp() {
    const parts = this.#left.map(leftBlock)
    this.#left.length = 0
    this.#eachCell((cell) => {
      if (cell.version > this.#delivered && !this.#awaiting.has(cell)) parts.push(...this.#since(cell, this.#delivered))
    })
    let budget = SNAPSHOT_BYTES_MAX
    for (const cell of this.#awaiting) {
      if (budget <= 0) break
      const brought = this.#brought.get(cell.id)
      const blocks = brought === void 0 ? [snapshotOf(cell)] : catchUp(cell, brought)
      for (const block of blocks) {
        parts.push(block)
        budget -= block.length
      }
      this.#awaiting.delete(cell)
      this.#brought.delete(cell.id)
    }
    if (parts.length > 0) this.#sink.deliver(frameOf(parts))
  }
  /** As `catchUp`, from a publication instead of a cell version. */
  #since(cell, delivered) {
    const from = cell.history.findIndex((change) => change.version > delivered)
    const first = cell.history[from]
    if (first === void 0 || first.previous > delivered) return [snapshotOf(cell)]
    return cell.history.slice(from).map((change) => change.block)
  }
  #hasOwnNews(version) {
    for (const cell of this.#named) if (cell.isPrivate && cell.blockVersion === version) return true
    return false
  }
  #eachCell(visit) {
    const { cells } = this.#publisher
    if (this.#observing) {
      for (const cell of this.#publisher.publicCells()) if (!this.#named.has(cell)) visit(cell)
    }
    this.#area.eachBeyond(Area.EMPTY, (column, row) => {
      visit(cells.ensure(cells.idAt(column, row)))
    })
    for (const cell of this.#named) visit(cell)
  }
  /** Brings the set of cells in line with the focus. */
  #look() {
    const first = this.#appliedFocus === void 0
    if (this.#focus !== this.#appliedFocus) this.#applyFocus()
    this.#moveArea()
    if (!first || this.#brought.size === 0) return
    const seen = /* @__PURE__ */ new Set()
    this.#eachCell((cell) => seen.add(cell.id))
    for (const id of this.#brought.keys()) if (!seen.has(id)) this.#left.push(id)
  }
  #applyFocus() {
    const { cells, interest, hasEveryone, hasOwners } = this.#publisher
    const focus = this.#focus
    this.#appliedFocus = focus
    const named = /* @__PURE__ */ new Set()
    if (focus.mode !== 'none') {
      if (hasEveryone) named.add(cells.named('everyone'))
      if (hasOwners) named.add(cells.named(`owner:${this.#player}`))
    }
    if (focus.mode === 'rooms') {
      const allowed = interest.rooms?.(this.#publisher.tables, this.#player)
      for (const room of focus.rooms) {
        if (allowed === void 0 || allowed.includes(room)) named.add(cells.named(`room:${room}`))
      }
    }
    const observing = focus.mode === 'all'
    if (observing !== this.#observing) {
      this.#observing = observing
      this.#publisher.observerChanged(observing ? 1 : -1)
      for (const cell of this.#publisher.publicCells()) {
        if (this.#named.has(cell) || named.has(cell)) continue
        if (observing) this.#awaiting.add(cell)
        else this.#forget(cell)
      }
    }
    for (const cell of named) {
      if (this.#named.has(cell)) continue
      cell.watchers++
      this.#awaiting.add(cell)
    }
    for (const cell of this.#named) {
      if (named.has(cell)) continue
      cell.watchers--
      this.#forget(cell)
    }
    this.#named = named
  }
  #moveArea() {
    const next = this.#nextArea()
    const old = this.#area
    if (next === old || next.equals(old)) return
    const { cells } = this.#publisher
    next.eachBeyond(old, (column, row) => {
      const cell = cells.ensure(cells.idAt(column, row))
      cell.watchers++
      this.#awaiting.add(cell)
    })
    old.eachBeyond(next, (column, row) => {
      const cell = cells.ensure(cells.idAt(column, row))
      cell.watchers--
      this.#forget(cell)
    })
    this.#area = next
  }
  #forget(cell) {
    if (!this.#awaiting.delete(cell)) this.#left.push(cell.id)
  }
  #nextArea() {
    const { cells, interest, radiusMax, hasGrid } = this.#publisher
    const focus = this.#focus
    if (!hasGrid) return Area.EMPTY
    if (focus.mode === 'area') {
      return Area.around(cells, focus.x, focus.y, Math.min(focus.radius ?? radiusMax, radiusMax))
    }
    if (focus.mode !== 'follow' || interest.follow === void 0) return Area.EMPTY
    const at = interest.follow(this.#publisher.tables, this.#player)
    return at === void 0 ? this.#area : Area.around(cells, at.x, at.y, radiusMax)
  }
}

// packages/engine/src/interest/publisher.ts
var Publisher = class {
  hz
  cells
  interest
  radiusMax
  /** Which named cells exist at all, by the kinds' visibility. */
  hasEveryone
  hasOwners
  hasGrid
  #runner
  #limits
  #subscriptions = /* @__PURE__ */ new Set()
  #queue = []
  #version = 0
  #observers = 0
  #unwatchedSweeps = 0
  /** Frames of this publication that several clients get. */
  #sharedFrames = /* @__PURE__ */ new Map()
  constructor(options2) {
    const { world, runner, cells, limits } = options2
    this.#runner = runner
    this.#limits = limits
    this.cells = cells
    this.interest = world.interest ?? {}
    this.hz = this.interest.hz ?? 20
    this.radiusMax = (this.interest.radius ?? 1e3) * limits.radiusFactorMax
    const shown = new Set(Object.values(world.kinds).map((kind2) => (kind2.visible ?? { to: 'everyone' }).to))
    this.hasEveryone = shown.has('everyone')
    this.hasOwners = shown.has('owner')
    this.hasGrid = shown.has('nearby')
  }
  get subscriptions() {
    return this.#subscriptions.size
  }
  get version() {
    return this.#version
  }
  get tables() {
    return this.#runner.tablesByName
  }
  subscribe(sink, player, focus, resume) {
    this.#activate()
    const subscription = new InterestSubscription(this, sink, player, focus, resume)
    this.#subscriptions.add(subscription)
    return subscription
  }
  unsubscribe(subscription) {
    if (!this.#subscriptions.delete(subscription)) return
    subscription.end()
  }
  /** Checks what a client may look at; throws `forbidden`. */
  requireAllowed(focus) {
    if (focus.mode === 'all' && this.interest.observers === false) {
      throw new TerraneError('forbidden', 'this world does not let clients watch a whole zone', {
        hint: 'Use the focus mode "follow" or "area".',
      })
    }
    if (focus.mode === 'area' && this.interest.follow !== void 0 && this.interest.observers === false) {
      throw new TerraneError('forbidden', 'this world decides itself where its players look', {
        hint: 'Use the focus mode "follow".',
      })
    }
  }
  observerChanged(by) {
    this.#observers += by
  }
  /** Cells that someone who watches the whole zone sees: all but those of other players. */
  *publicCells() {
    for (const cell of this.cells.all()) if (!cell.isPrivate) yield cell
  }
  /** An entity's columns in `mask` changed, or it appeared, moved or went. Only called while published. */
  changed(entity, mask) {
    entity.publishMask |= mask
    if (entity.publishQueued || (entity.cell === void 0 && entity.shown === void 0)) return
    entity.publishQueued = true
    this.#queue.push(entity)
  }
  publish() {
    if (!this.#runner.context.published) return
    const changed = this.#gather()
    const version = this.#version
    const grid = []
    const shared = []
    for (const cell of changed) {
      const previous = cell.version
      cell.version = version
      const entries = cell.pending
      cell.pending = void 0
      if (!this.#watched(cell)) {
        cell.history.length = 0
        continue
      }
      const block = encodeBlock(cell.id, 0, version, previous, entries)
      cell.block = block
      cell.blockVersion = version
      cell.history.push({ version, previous, block })
      if (cell.history.length > this.#limits.historyMax) cell.history.shift()
      if (cell.isGrid) grid.push(cell)
      else if (!cell.isPrivate) shared.push(cell)
    }
    const publication = new Publication(version, grid, shared)
    this.#sharedFrames = /* @__PURE__ */ new Map()
    for (const subscription of this.#subscriptions) subscription.publish(publication)
  }
  /** The frame with just this cell's block of the present publication. */
  cellFrame(cell) {
    return this.#shared(cell, () => [cell.block])
  }
  /** The frame with everything that changed, for those who watch the whole zone. */
  observersFrame(publication) {
    if (publication.gridIds.length === 0 && publication.shared.length === 0) return void 0
    return this.#shared('observers', () => [publication.wholeGrid, ...publication.shared.map((cell) => cell.block)])
  }
  sweep() {
    if (this.#subscriptions.size > 0) {
      this.#unwatchedSweeps = 0
      if (this.#observers === 0) this.cells.sweep()
      return
    }
    if (this.#unwatchedSweeps++ > 0) this.#deactivate()
  }
  stop() {
    for (const subscription of this.#subscriptions) subscription.end()
    this.#subscriptions.clear()
    this.#deactivate()
  }
  #shared(key, parts) {
    let frame = this.#sharedFrames.get(key)
    if (frame === void 0) {
      frame = frameOf(parts())
      this.#sharedFrames.set(key, frame)
    }
    return frame
  }
  #watched(cell) {
    return cell.watchers > 0 || (this.#observers > 0 && !cell.isPrivate)
  }
  /** Sorts the queued changes into their cells; returns the cells. */
  #gather() {
    this.#version++
    const touched = []
    const touch = (cell) => {
      if (cell.pending === void 0) {
        cell.pending = []
        touched.push(cell)
      }
      return cell.pending
    }
    const queue = this.#queue
    this.#queue = []
    for (const entity of queue) {
      const mask = entity.publishMask
      const from = entity.shown ?? entity.cell
      const to = entity.cell
      entity.publishQueued = false
      entity.publishMask = 0
      entity.shown = void 0
      const tag = entity.table.number * 4
      if (from !== to) {
        if (from !== void 0 && from !== NOWHERE) touch(from).push(entity.id, tag + ENTRY_GONE)
        if (to !== void 0) appendWhole(touch(to), entity)
      } else if (to !== void 0 && mask !== 0) {
        const entries = touch(to)
        entries.push(entity.id, tag + ENTRY_CHANGED, mask)
        for (let bits = mask; bits !== 0; bits &= bits - 1) {
          entries.push(entity.row[entity.table.names[31 - Math.clz32(bits & -bits)]])
        }
      }
    }
    return touched
  }
  #activate() {
    this.#unwatchedSweeps = 0
    if (this.#runner.context.published) return
    this.#runner.context.published = true
    this.#version++
    for (const cell of this.cells.all()) {
      cell.version = this.#version
      cell.history.length = 0
    }
  }
  #deactivate() {
    if (!this.#runner.context.published) return
    this.#gather().forEach((cell) => {
      cell.pending = void 0
    })
    this.#runner.context.published = false
    for (const cell of this.cells.all()) {
      cell.history.length = 0
      cell.block = void 0
      cell.snapshot = void 0
    }
  }
}

// packages/engine/src/state/column-check.ts
var INTEGER_MAX = { smallint: 32767, integer: 2147483647 }
function columnCheck(column) {
  const byType = typeCheck(column)
  return (value) => {
    if (value === null) return column.notNull ? 'must not be null' : void 0
    return byType(value)
  }
}
function typeCheck(column) {
  switch (column.type) {
    case 'integer': {
      const max = INTEGER_MAX[column.sqlType] ?? Number.MAX_SAFE_INTEGER
      return (value) =>
        Number.isSafeInteger(value) && value <= max && value >= -max - 1
          ? void 0
          : `must be an integer within \xB1${max}`
    }
    case 'float':
      return (value) => (Number.isFinite(value) ? void 0 : 'must be a finite number')
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? void 0 : 'must be true or false')
    case 'text': {
      const limit = Number(/\((\d+)\)/.exec(column.sqlType)?.[1] ?? Number.POSITIVE_INFINITY)
      const isUuid = column.sqlType === 'uuid'
      return (value) => {
        if (typeof value !== 'string') return 'must be text'
        if (value.length > limit) return `must have at most ${limit} characters`
        if (value.includes('\0') || !value.isWellFormed()) return 'must be well-formed text without NUL'
        return isUuid && !UUID.test(value) ? 'must be a UUID' : void 0
      }
    }
    case 'date':
      return (value) => (value instanceof Date && Number.isFinite(value.getTime()) ? void 0 : 'must be a valid Date')
    case 'json':
      return (value) => jsonProblem(value)
  }
}
var UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
function jsonProblem(value) {
  let text
  try {
    text = JSON.stringify(value)
  } catch {
    return 'must be JSON'
  }
  if (text === void 0) return 'must be JSON'
  return text.includes('\\u0000') || !text.isWellFormed() ? 'must be JSON without NUL characters' : void 0
}

// packages/engine/src/state/entity.ts
var Entity = class {
  table
  row
  /** The zone's number for it, in frames to clients. Not stable across a reload. */
  id
  alive = true
  /** Columns changed since the last sealed batch; all of them when `logWhole`. */
  logMask = 0
  logWhole = false
  /** Stands in the open batch's list. */
  logQueued = false
  /** Stands in the checkpointer's queue. */
  checkpointQueued = false
  /** Where it is; undefined for kinds that no client sees. */
  cell = void 0
  /** Its place in `cell.members`. */
  slot = 0
  /** Columns changed since the last publication. */
  publishMask = 0
  publishQueued = false
  /**
   * The cell under which clients know it, if that differs from `cell`; NOWHERE for one that they do
   * not know yet. Undefined while it has not moved since the last publication.
   */
  shown = void 0
  constructor(table, row, id) {
    this.table = table
    this.row = row
    this.id = id
  }
  get key() {
    return this.row[this.table.keyName]
  }
}

// packages/engine/src/state/rejection.ts
var Rejection = class {
  code
  message
  constructor(code, message) {
    this.code = code
    this.message = message
  }
}
function rejection(code, message) {
  return new Rejection(code, message)
}

// packages/engine/src/state/secondary-index.ts
import sortedBtree from 'sorted-btree'

var BTree = sortedBtree.default ?? sortedBtree
var SecondaryIndex = class {
  name
  columns
  unique
  /** A lone entity is kept bare: most buckets of most indexes hold one. */
  #buckets = /* @__PURE__ */ new Map()
  #sorted
  #keyName
  constructor(name, definition, keyName) {
    this.name = name
    this.columns = definition.on
    this.unique = definition.unique ?? false
    this.#keyName = keyName
    this.#sorted = definition.ordered ? new BTree(void 0, compareTuples) : void 0
  }
  /** The entity that already has the values which `row` would have; for unique indexes. */
  holderOf(row) {
    const held = this.#buckets.get(this.#hash(row))
    return held instanceof Set ? held.values().next().value : held
  }
  add(entity) {
    const hash = this.#hash(entity.row)
    const held = this.#buckets.get(hash)
    if (held === void 0) this.#buckets.set(hash, entity)
    else if (held instanceof Set) held.add(entity)
    else this.#buckets.set(hash, /* @__PURE__ */ new Set([held, entity]))
    this.#sorted?.set(this.#tuple(entity.row), entity)
  }
  remove(entity) {
    const hash = this.#hash(entity.row)
    const held = this.#buckets.get(hash)
    if (held === entity) this.#buckets.delete(hash)
    else {
      assert(held instanceof Set && held.delete(entity), `index ${this.name} lacks a row that it should hold`)
      if (held.size === 0) this.#buckets.delete(hash)
    }
    this.#sorted?.delete(this.#tuple(entity.row))
  }
  get(...values) {
    const held = this.#buckets.get(hashOf(values))
    return (held instanceof Set ? held.values().next().value : held)?.row
  }
  list(...values) {
    const held = this.#buckets.get(hashOf(values))
    if (held === void 0) return []
    return held instanceof Set ? Array.from(held, (entity) => entity.row) : [held.row]
  }
  count(...values) {
    const held = this.#buckets.get(hashOf(values))
    return held === void 0 ? 0 : held instanceof Set ? held.size : 1
  }
  /** Collected at once, so that the caller may change rows while it walks them. */
  range(options2 = {}) {
    assert(this.#sorted !== void 0, `index ${this.name} is not ordered: declare it with { ordered: true }`)
    const { from, to, reverse = false, limit = Number.POSITIVE_INFINITY } = options2
    const low = from
    const high = to
    const rows = []
    const entries = reverse ? this.#sorted.entriesReversed(high && [...high, HIGHEST]) : this.#sorted.entries(low)
    for (const [tuple, entity] of entries) {
      if (!reverse && high !== void 0 && comparePrefix(tuple, high) > 0) break
      if (reverse && low !== void 0 && comparePrefix(tuple, low) < 0) break
      if (rows.length >= limit) break
      rows.push(entity.row)
    }
    return rows
  }
  #hash(row) {
    if (this.columns.length === 1) return row[this.columns[0]]
    return hashOf(this.columns.map((column) => row[column]))
  }
  #tuple(row) {
    const tuple = this.columns.map((column) => row[column])
    tuple.push(row[this.#keyName])
    return tuple
  }
}
function hashOf(values) {
  if (values.length === 1) return values[0]
  return values.map((value) => (value === null ? '\0\0' : String(value))).join('\0')
}
var HIGHEST = /* @__PURE__ */ Symbol('highest')
function compareValues(a, b) {
  if (a === b) return 0
  if (a === HIGHEST) return 1
  if (b === HIGHEST) return -1
  if (a === null) return -1
  if (b === null) return 1
  return a < b ? -1 : 1
}
function compareTuples(a, b) {
  return comparePrefix(a, b) || a.length - b.length
}
function comparePrefix(a, b) {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const order = compareValues(a[i], b[i])
    if (order !== 0) return order
  }
  return 0
}

// packages/engine/src/state/kind-table.ts
var KindTable = class {
  schema
  /** Index of this kind in the world, as clients know it. */
  number
  keyName
  names
  /** Mask with the bit of every column. */
  allColumns
  by
  #context
  #rows = /* @__PURE__ */ new Map()
  #indexes
  #visible
  #columnOf
  #checks
  #defaults
  #newRow
  #indexMask
  #cellMask
  #everyone
  constructor(schema, definition, number, context) {
    this.schema = schema
    this.number = number
    this.#context = context
    this.names = schema.columns.map((column) => column.name)
    this.keyName = this.names[schema.keyColumn]
    this.allColumns = 2 ** this.names.length - 1
    this.#columnOf = new Map(this.names.map((name, index) => [name, index]))
    this.#checks = schema.columns.map(columnCheck)
    this.#defaults = schema.columns.map((column) => column.defaultValue ?? null)
    this.#newRow = rowFactory(this.names)
    const indexes = Object.entries(definition.indexes ?? {})
    this.#indexes = indexes.map(([name, index]) => new SecondaryIndex(name, index, this.keyName))
    this.by = Object.fromEntries(this.#indexes.map((index) => [index.name, index]))
    this.#indexMask = this.#maskOf(this.#indexes.flatMap((index) => index.columns))
    this.#visible = definition.visible ?? { to: 'everyone' }
    this.#everyone = this.#visible.to === 'everyone' ? context.cells.named('everyone') : void 0
    this.#cellMask = this.#maskOf(
      this.#visible.to === 'nearby'
        ? [this.#visible.x, this.#visible.y]
        : this.#visible.to === 'owner' || this.#visible.to === 'room'
          ? [this.#visible.column]
          : [],
    )
  }
  get count() {
    return this.#rows.size
  }
  get(key) {
    return this.#rows.get(key)?.row
  }
  must(key) {
    return this.#must(key).row
  }
  has(key) {
    return this.#rows.has(key)
  }
  *all() {
    for (const entity of this.#rows.values()) yield entity.row
  }
  near(x, y, radius) {
    const visible = this.#visible
    assert(visible.to === 'nearby', `kind ${this.schema.name} has no positions: declare it visible nearby`)
    const rows = []
    for (const entity of this.#context.cells.around(x, y, radius)) {
      if (entity.table !== this) continue
      const dx = entity.row[visible.x] - x
      const dy = entity.row[visible.y] - y
      if (dx * dx + dy * dy <= radius * radius) rows.push(entity.row)
    }
    return rows
  }
  insert(input) {
    this.#requireWritable()
    const values = new Array(this.names.length)
    for (const name in input) {
      if (!this.#columnOf.has(name)) throw rejection('invalid_args', `${this.schema.name} has no column "${name}"`)
    }
    for (let i = 0; i < values.length; i++) {
      const given = input[this.names[i]]
      const value = given === void 0 ? this.#defaults[i] : given
      values[i] = this.#checked(i, value)
    }
    const key = values[this.schema.keyColumn]
    if (this.#rows.has(key)) throw rejection('duplicate', `${this.schema.name} ${key} exists already`)
    const entity = new Entity(this, this.#newRow(values), this.#context.nextEntityId++)
    this.#requireUnique(entity.row, void 0, this.#indexMask)
    this.link(entity)
    if (this.#context.published) entity.shown = NOWHERE
    this.#context.undo.inserted(entity)
    return entity.row
  }
  update(key, patch) {
    this.#requireWritable()
    const entity = this.#must(key)
    const row = entity.row
    let mask = 0
    for (const name in patch) {
      const value = patch[name]
      if (value === void 0 || row[name] === value) continue
      const column = this.#columnOf.get(name)
      if (column === void 0) throw rejection('invalid_args', `${this.schema.name} has no column "${name}"`)
      if (column === this.schema.keyColumn)
        throw rejection('invalid_args', `the key of ${this.schema.name} cannot change`)
      this.#checked(column, value)
      mask |= 1 << column
    }
    if (mask === 0) return row
    if ((mask & this.#indexMask) !== 0) this.#requireUnique(Object.assign({ ...row }, patch), entity, mask)
    this.#context.undo.updated(entity, mask)
    this.#assign(entity, mask, patch)
    return row
  }
  delete(key) {
    this.#requireWritable()
    const entity = this.#rows.get(key)
    if (entity === void 0) return false
    this.#context.undo.deleted(entity)
    this.unlink(entity)
    return true
  }
  /** Puts a row in place as recovery found it: no checks, no undo. */
  restore(values) {
    for (const value of values) if (typeof value === 'object') deepFreeze(value)
    const entity = new Entity(this, this.#newRow(values), this.#context.nextEntityId++)
    this.#rows.set(entity.key, entity)
    return entity
  }
  /** Builds indexes and cells once all rows are restored. */
  relink() {
    for (const entity of this.#rows.values()) this.#linkDerived(entity)
  }
  entity(key) {
    return this.#rows.get(key)
  }
  entities() {
    return this.#rows.values()
  }
  /** Stands for a row that is gone, so that a checkpoint deletes it. */
  tombstone(key) {
    const entity = new Entity(this, this.#newRow(this.names.map((name) => (name === this.keyName ? key : null))), 0)
    entity.alive = false
    return entity
  }
  /** Removes a row during recovery, before `relink`. */
  forget(key) {
    this.#rows.delete(key)
  }
  /** Enters an entity in the table, its indexes and its cell. */
  link(entity) {
    this.#rows.set(entity.key, entity)
    entity.alive = true
    this.#linkDerived(entity)
  }
  unlink(entity) {
    for (const index of this.#indexes) index.remove(entity)
    this.#rows.delete(entity.key)
    this.#leaveCell(entity)
    entity.alive = false
  }
  /** Sets the columns in `mask` back to `old`, which holds them from the lowest bit on. */
  revert(entity, mask, old) {
    const patch = {}
    let at = 0
    for (let column = 0; column < this.names.length; column++) {
      if ((mask & (1 << column)) !== 0) patch[this.names[column]] = old[at++]
    }
    this.#assign(entity, mask, patch)
  }
  #assign(entity, mask, patch) {
    const reindex = (mask & this.#indexMask) !== 0
    if (reindex) this.#eachIndexOf(mask, (index) => index.remove(entity))
    const row = entity.row
    let bits = mask
    while (bits !== 0) {
      const column = 31 - Math.clz32(bits)
      bits &= ~(1 << column)
      const name = this.names[column]
      row[name] = patch[name]
    }
    if (reindex) this.#eachIndexOf(mask, (index) => index.add(entity))
    if ((mask & this.#cellMask) !== 0) this.#moveCell(entity)
  }
  #eachIndexOf(mask, visit) {
    for (const index of this.#indexes) if ((this.#maskOf(index.columns) & mask) !== 0) visit(index)
  }
  #linkDerived(entity) {
    for (const index of this.#indexes) index.add(entity)
    this.#cellFor(entity.row)?.add(entity)
  }
  #leaveCell(entity) {
    const cell = entity.cell
    if (cell === void 0) return
    if (this.#context.published && entity.shown === void 0) entity.shown = cell
    cell.remove(entity)
  }
  #moveCell(entity) {
    const to = this.#cellFor(entity.row)
    if (to === entity.cell) return
    this.#leaveCell(entity)
    to?.add(entity)
  }
  #cellFor(row) {
    const visible = this.#visible
    switch (visible.to) {
      case 'everyone':
        return this.#everyone
      case 'nearby':
        return this.#context.cells.at(row[visible.x], row[visible.y])
      case 'owner':
        return this.#context.cells.named(`owner:${row[visible.column]}`)
      case 'room':
        return this.#context.cells.named(`room:${row[visible.column]}`)
      case 'nobody':
        return void 0
    }
  }
  #requireUnique(row, self, mask) {
    for (const index of this.#indexes) {
      if (!index.unique || (this.#maskOf(index.columns) & mask) === 0) continue
      const holder = index.holderOf(row)
      if (holder !== void 0 && holder !== self) {
        const values = index.columns.map((column) => `${column} ${String(row[column])}`).join(', ')
        throw rejection('duplicate', `${this.schema.name} with ${values} exists already`)
      }
    }
  }
  #checked(column, value) {
    const problem = this.#checks[column](value)
    if (problem !== void 0) {
      throw rejection('invalid_args', `${this.schema.name}.${this.names[column]} ${problem}`)
    }
    return typeof value === 'object' ? deepFreeze(value) : value
  }
  #must(key) {
    const entity = this.#rows.get(key)
    if (entity === void 0) throw rejection('not_found', `no ${this.schema.name} ${key}`)
    return entity
  }
  #requireWritable() {
    assert(this.#context.writable, `${this.schema.name} was written outside a transaction: handlers are synchronous`)
  }
  #maskOf(columns) {
    return columns.reduce((mask, name) => mask | (1 << this.#columnOf.get(name)), 0)
  }
}
function rowFactory(names) {
  class KindRow {
    constructor(values) {
      for (let i = 0; i < names.length; i++) this[names[i]] = values[i]
    }
  }
  return (values) => new KindRow(values)
}
function deepFreeze(value) {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || value instanceof Date) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}

// packages/engine/src/state/undo-log.ts
var INSERTED = 0
var UPDATED = 1
var DELETED = 2
var UndoLog = class {
  #ops = []
  #entities = []
  #masks = []
  #old = []
  get empty() {
    return this.#ops.length === 0
  }
  inserted(entity) {
    this.#push(INSERTED, entity, 0)
  }
  deleted(entity) {
    this.#push(DELETED, entity, 0)
  }
  /** To be called before the row changes: keeps the values of the columns in `mask`. */
  updated(entity, mask) {
    this.#push(UPDATED, entity, mask)
    const names = entity.table.names
    for (let column = 0; column < names.length; column++) {
      if ((mask & (1 << column)) !== 0) this.#old.push(entity.row[names[column]])
    }
  }
  /** Takes everything back, newest first, and empties the log. */
  rollback() {
    for (let i = this.#ops.length - 1; i >= 0; i--) {
      const entity = this.#entities[i]
      const table = entity.table
      switch (this.#ops[i]) {
        case INSERTED:
          table.unlink(entity)
          break
        case DELETED:
          table.link(entity)
          break
        default: {
          const mask = this.#masks[i]
          table.revert(entity, mask, this.#old.splice(this.#old.length - bitCount(mask)))
        }
      }
      if (!entity.publishQueued) entity.shown = void 0
    }
    this.#clear()
  }
  /** Reports every touched entity once per touch, with the columns that changed, and empties the log. */
  keep(changed) {
    for (let i = 0; i < this.#ops.length; i++) {
      const op = this.#ops[i]
      changed(this.#entities[i], this.#masks[i], op === INSERTED)
    }
    this.#clear()
  }
  #push(op, entity, mask) {
    this.#ops.push(op)
    this.#entities.push(entity)
    this.#masks.push(mask)
  }
  #clear() {
    this.#ops.length = 0
    this.#entities.length = 0
    this.#masks.length = 0
    this.#old.length = 0
  }
}
function bitCount(mask) {
  let bits = mask
  let count = 0
  for (; bits !== 0; bits &= bits - 1) count++
  return count
}

// packages/engine/src/transaction/transaction-runner.ts
var TransactionRunner = class {
  tables
  tablesByName
  context
  #tx
  #clock
  #changed
  constructor(options2) {
    const { world, zone: zone2, clock, random, cells } = options2
    this.#clock = clock
    this.#changed = options2.changed
    this.context = { cells, undo: new UndoLog(), writable: false, published: false, nextEntityId: 1 }
    this.tables = world.schemas.map(
      (schema, number) => new KindTable(schema, world.kinds[schema.name], number, this.context),
    )
    this.tablesByName = Object.fromEntries(this.tables.map((table) => [table.schema.name, table]))
    this.#tx = {
      ...this.tablesByName,
      now: 0,
      player: '',
      zone: zone2,
      random: () => random.float(),
      randomInt: (low, high) => random.between(low, high),
      newId: () => random.id(),
      reject: (code, message) => {
        throw rejection(code, message)
      },
    }
  }
  /** Runs `work` for a player, or for nobody (`''`). Never throws what world code throws. */
  run(player, work) {
    const { context } = this
    assert(!context.writable, 'a transaction was started within another')
    this.#tx.now = this.#clock.now()
    this.#tx.player = player
    context.writable = true
    let result
    try {
      result = work(this.#tx)
      if (typeof result?.then === 'function') {
        throw new TypeError('a handler returned a promise: transactions are synchronous')
      }
    } catch (thrown) {
      context.undo.rollback()
      if (thrown instanceof Rejection) return { kept: false, rejection: thrown }
      return { kept: false, failure: thrown }
    } finally {
      context.writable = false
    }
    context.undo.keep(this.#changed)
    return { kept: true, result }
  }
}

// packages/engine/src/zone/batch-codec.ts
var FORMAT = 1
var WHOLE = -1
var DELETED2 = 0
function encodeBatch(at, entities, streams) {
  const byTable = /* @__PURE__ */ new Map()
  let lastTable
  let flat = []
  for (const entity of entities) {
    const table = entity.table
    if (table !== lastTable) {
      const known = byTable.get(table)
      flat = known ?? []
      if (known === void 0) byTable.set(table, flat)
      lastTable = table
    }
    appendChange(flat, entity)
  }
  const kinds = Array.from(byTable, ([table, changes]) => [table.schema.name, table.names, changes])
  return pack([FORMAT, at, kinds, streams])
}
function appendChange(flat, entity) {
  const { table, row } = entity
  const names = table.names
  if (!entity.alive) flat.push(entity.key, DELETED2)
  else if (entity.logWhole || table.schema.persist === 'commit') {
    flat.push(entity.key, WHOLE)
    for (const name of names) flat.push(row[name])
  } else {
    let bits = entity.logMask
    flat.push(entity.key, bits)
    while (bits !== 0) {
      const low = bits & -bits
      flat.push(row[names[31 - Math.clz32(low)]])
      bits ^= low
    }
  }
  entity.logMask = 0
  entity.logWhole = false
  entity.logQueued = false
}
function decodeBatch(payload) {
  const value = unpack(payload)
  assert(Array.isArray(value) && value[0] === FORMAT, `the log holds a batch of the unknown format ${value?.[0]}`)
  const [, at, kinds, streams] = value
  return { at, kinds: kinds.map(([name, columns, flat]) => ({ name, columns, flat })), streams }
}
function visitChanges(kind2, visitor) {
  const { flat, columns } = kind2
  let at = 0
  while (at < flat.length) {
    const key = flat[at++]
    const mask = flat[at++]
    if (mask === DELETED2) visitor.deleted(key)
    else {
      const count = mask === WHOLE ? columns.length : popCount(mask)
      const values = flat.slice(at, at + count)
      at += count
      if (mask === WHOLE) visitor.whole(key, values)
      else visitor.changed(key, mask, values)
    }
  }
}

// packages/engine/src/zone/checkpointer.ts
var Checkpointer = class {
  #zone
  #limits
  #clock
  #streams
  /** Entities with unwritten changes, and the batch of each one's first, in that order. */
  #queue = []
  #since = []
  #head = 0
  #slice
  /** The batch whose state `#slice` holds. */
  #sliceSeq = 0
  #position
  #nextAt = 0
  #tail = []
  #tailBytes = 0
  /** Positions that checkpoints reached, with the time, at most one a second: what may be trimmed once it is old. */
  #covered = []
  constructor(zone2, position, streams, limits, clock) {
    this.#zone = zone2
    this.#position = position
    this.#streams = streams
    this.#limits = limits
    this.#clock = clock
  }
  /** Replay starts behind this batch. */
  get position() {
    return this.#position
  }
  get backlog() {
    return this.#queue.length - this.#head
  }
  /** Log bytes that replay would have to read. */
  get tailBytes() {
    return this.#tailBytes
  }
  /** Age of the oldest change that is not in the tables, ms. */
  get lagMs() {
    const oldest = this.#tail[0]
    return oldest === void 0 ? 0 : Math.max(0, this.#clock.now() - oldest.at)
  }
  /** Nothing is waiting: tables and log agree. */
  get clean() {
    return this.backlog === 0 && this.#slice === void 0 && this.#streams.unsavedCount === 0
  }
  /** Notes the rows that a batch changed, when it is sealed. */
  sealed(seq, bytes, entities) {
    for (const entity of entities) {
      if (entity.checkpointQueued || entity.table.schema.persist === 'commit') continue
      entity.checkpointQueued = true
      this.#queue.push(entity)
      this.#since.push(seq)
    }
    this.#tail.push({ seq, bytes, at: this.#clock.now() })
    this.#tailBytes += bytes
  }
  /** Takes over what a recovery replayed: the tables lack it. */
  recovered(seq, bytes, entities) {
    if (seq === this.#position) return
    this.sealed(this.#position + 1, 0, entities)
    this.#tail = [{ seq, bytes, at: this.#clock.now() }]
    this.#tailBytes = bytes
  }
  /** The newest batch that the tables cover and that was sealed before `at`; 0 when there is none. */
  trimmable(at) {
    while ((this.#covered[1]?.at ?? Number.POSITIVE_INFINITY) <= at) this.#covered.shift()
    const oldest = this.#covered[0]
    return oldest !== void 0 && oldest.at <= at ? oldest.seq : 0
  }
  /** Whether a slice should be copied when the next batch is sealed. */
  due(urgent) {
    if (this.#slice !== void 0 || (this.backlog === 0 && this.#streams.unsavedCount === 0)) return false
    return urgent || this.#tailBytes > this.#limits.tailBytesMax || this.#clock.now() >= this.#nextAt
  }
  /** Copies a slice. Memory must be the state after batch `seq`, with nothing unsealed. */
  copySlice(seq) {
    const count = Math.min(this.backlog, this.#limits.checkpointRowsMax)
    const changes = /* @__PURE__ */ new Map()
    for (let i = this.#head; i < this.#head + count; i++) {
      const entity = this.#queue[i]
      entity.checkpointQueued = false
      let kind2 = changes.get(entity.table)
      if (kind2 === void 0) {
        kind2 = { columns: entity.table.names.map(() => []), deleted: [] }
        changes.set(entity.table, kind2)
      }
      if (entity.alive) copyRow(entity, kind2.columns)
      else kind2.deleted.push(entity.key)
    }
    this.#head += count
    this.#compact()
    const oldest = this.#since[this.#head]
    const { streams, ended } = this.#streams.takeUnsaved()
    this.#sliceSeq = seq
    this.#slice = {
      zone: this.#zone,
      from: this.#position,
      to: oldest === void 0 ? seq : Math.max(this.#position, oldest - 1),
      changes: Array.from(changes, ([table, { columns, deleted }]) => ({ kind: table.schema, columns, deleted })),
      streams,
      endedStreams: ended,
    }
  }
  /** The slice to write, once its batch is durable. */
  ready(durableSeq) {
    return this.#slice !== void 0 && durableSeq >= this.#sliceSeq ? this.#slice : void 0
  }
  /**
   * The slice is in the tables. @param tookMs how long the database was busy with it
   * @param busy whether commits compete for the database: checkpoints then keep to their share
   */
  written(tookMs, busy) {
    if (this.#slice === void 0) return
    this.#position = this.#slice.to
    this.#slice = void 0
    let covered = 0
    while (covered < this.#tail.length && (this.#tail[covered]?.seq ?? 0) <= this.#position) {
      this.#tailBytes -= this.#tail[covered]?.bytes ?? 0
      covered++
    }
    if (covered > 0) this.#tail = this.#tail.slice(covered)
    const now = this.#clock.now()
    if (now - (this.#covered.at(-1)?.at ?? 0) >= 1e3) this.#covered.push({ seq: this.#position, at: now })
    const pauseMs = busy ? tookMs * (1 / this.#limits.checkpointShareMax - 1) : 0
    const restMs = this.backlog > 0 ? 0 : this.#limits.checkpointEveryMs
    this.#nextAt = now + Math.max(pauseMs, restMs)
  }
  #compact() {
    if (this.#head < 4096 || this.#head * 2 < this.#queue.length) return
    this.#queue = this.#queue.slice(this.#head)
    this.#since = this.#since.slice(this.#head)
    this.#head = 0
  }
}
function copyRow(entity, columns) {
  const names = entity.table.names
  for (let i = 0; i < names.length; i++) columns[i].push(entity.row[names[i]])
}
function commitRowsOf(entities) {
  let rows
  for (const entity of entities) {
    if (entity.table.schema.persist !== 'commit') continue
    rows ??= /* @__PURE__ */ new Map()
    let kind2 = rows.get(entity.table)
    if (kind2 === void 0) {
      kind2 = { columns: entity.table.names.map(() => []), deleted: /* @__PURE__ */ new Set() }
      rows.set(entity.table, kind2)
    }
    if (entity.alive) copyRow(entity, kind2.columns)
    else kind2.deleted.add(entity.key)
  }
  return (
    rows &&
    Array.from(rows, ([table, { columns, deleted }]) => ({ kind: table.schema, columns, deleted: [...deleted] }))
  )
}

// packages/engine/src/world/kind-schema.ts
import { getTableColumns, getTableName, is, SQL } from 'drizzle-orm'

var COLUMNS_MAX = 31
var TYPES = {
  PgInteger: 'integer',
  PgSmallInt: 'integer',
  PgBigInt53: 'integer',
  PgReal: 'float',
  PgDoublePrecision: 'float',
  PgText: 'text',
  PgVarchar: 'text',
  PgUUID: 'text',
  PgBoolean: 'boolean',
  PgJson: 'json',
  PgJsonb: 'json',
  PgTimestamp: 'date',
}
function kindSchemaOf(name, table, persist) {
  const columns = []
  let keyColumn = -1
  for (const [property, column] of Object.entries(getTableColumns(table))) {
    const type = TYPES[column.columnType]
    if (type === void 0) {
      throw invalid(
        `kind "${name}": column "${property}" has the unsupported type ${column.getSQLType()}`,
        'Use integer, smallint, bigint({ mode: "number" }), real, doublePrecision, text, varchar, uuid, boolean, json, jsonb or timestamp.',
      )
    }
    if (column.primary) {
      if (keyColumn !== -1) throw invalid(`kind "${name}" has two primary key columns`, 'Use one column as the key.')
      if (type !== 'text' && type !== 'integer') {
        throw invalid(`kind "${name}": the key "${property}" must be text or an integer`, 'Use text() or integer().')
      }
      keyColumn = columns.length
    }
    columns.push({
      name: property,
      sqlName: column.name,
      type,
      sqlType: column.getSQLType(),
      notNull: column.notNull,
      hasDefault: column.hasDefault,
      defaultValue: is(column.default, SQL) ? void 0 : column.default,
    })
  }
  if (keyColumn === -1) throw invalid(`kind "${name}" has no primary key`, 'Mark one column with .primaryKey().')
  if (columns.length > COLUMNS_MAX) {
    throw invalid(`kind "${name}" has ${columns.length} columns, the limit is ${COLUMNS_MAX}`, 'Split it in two kinds.')
  }
  return { name, sqlName: getTableName(table), columns, keyColumn, persist }
}
function invalid(message, hint) {
  return new TerraneError('invalid_world', message, { hint })
}

// packages/engine/src/world/define-world.ts
function kind(table, options2 = {}) {
  return { table, ...options2 }
}
var RESERVED = /* @__PURE__ */ new Set([
  'now',
  'player',
  'zone',
  'random',
  'randomInt',
  'newId',
  'reject',
  'send',
  'emit',
])
var NAME = /^[a-z][a-z0-9-]{0,39}$/
function defineWorld(definition) {
  if (!NAME.test(definition.name)) {
    throw invalid2(`the world's name "${definition.name}" is not usable`, 'Use lower-case letters, digits and dashes.')
  }
  const schemas = Object.entries(definition.kinds).map(([name, each]) => {
    if (RESERVED.has(name))
      throw invalid2(`a kind may not be called "${name}"`, 'Transactions have a member of that name.')
    const schema = kindSchemaOf(name, each.table, each.persist ?? 'log')
    checkColumns(schema, each)
    return schema
  })
  const tables = /* @__PURE__ */ new Set()
  for (const schema of schemas) {
    if (tables.has(schema.sqlName)) throw invalid2(`two kinds use the table "${schema.sqlName}"`, 'Give each its own.')
    tables.add(schema.sqlName)
  }
  for (const [name, input] of Object.entries(definition.inputs ?? {})) {
    if (fieldsOf(input.args) === void 0) {
      throw invalid2(`input "${name}": its args are not an object schema`, 'Use z.object({ \u2026 }), also for none.')
    }
  }
  for (const [name, tick] of Object.entries(definition.ticks ?? {})) {
    if (!(tick.everyMs >= 1)) throw invalid2(`tick "${name}": everyMs must be at least 1`, 'Give a period in ms.')
  }
  return { ...definition, schemas, inputNames: Object.keys(definition.inputs ?? {}) }
}
function fieldsOf(schema) {
  const shape = schema.shape
  return typeof shape === 'object' && shape !== null ? Object.keys(shape) : void 0
}
function checkColumns(schema, definition) {
  const known = new Set(schema.columns.map((column) => column.name))
  const need = (column, where) => {
    if (!known.has(column))
      throw invalid2(`kind "${schema.name}": ${where} names the unknown column "${column}"`, 'Check its spelling.')
  }
  for (const [name, index] of Object.entries(definition.indexes ?? {})) {
    for (const column of index.on) need(column, `index "${name}"`)
  }
  const visible = definition.visible
  if (visible?.to === 'owner' || visible?.to === 'room') need(visible.column, 'visible')
  if (visible?.to === 'nearby') {
    need(visible.x, 'visible')
    need(visible.y, 'visible')
  }
}
function invalid2(message, hint) {
  return new TerraneError('invalid_world', message, { hint })
}

// packages/engine/src/zone/input-handlers.ts
var InputHandler = class {
  name
  fields
  #schema
  #definition
  constructor(name, definition) {
    this.name = name
    this.fields = fieldsOf(definition.args) ?? []
    this.#schema = definition.args
    this.#definition = definition
  }
  /** Checks arguments: an object, or an array in the order of `fields`. */
  parse(args) {
    let named = args
    if (Array.isArray(args)) {
      if (args.length > this.fields.length) {
        return { ok: false, problem: `${args.length} arguments were given, ${this.name} takes ${this.fields.length}` }
      }
      const object = {}
      for (let i = 0; i < args.length; i++) {
        if (args[i] !== void 0) object[this.fields[i]] = args[i]
      }
      named = object
    }
    const parsed = this.#schema.safeParse(named ?? {})
    if (parsed.success) return { ok: true, args: parsed.data }
    const problem = parsed.error.issues
      .slice(0, 3)
      .map((issue) => (issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message))
      .join('; ')
    return { ok: false, problem }
  }
  apply(tx, args) {
    return this.#definition.apply(tx, args)
  }
}
function inputHandlersOf(world) {
  return Object.entries(world.inputs ?? {}).map(([name, definition]) => new InputHandler(name, definition))
}

// packages/engine/src/zone/recovery.ts
var Recovery = class {
  #zone
  #store
  #tables
  #streams
  /** Rows of which only some columns are known so far, by table. */
  #partial = /* @__PURE__ */ new Map()
  /** Keys that the log changed, by table. */
  #touched = /* @__PURE__ */ new Map()
  /** Position of the last batch that was applied. */
  seq
  /** Bytes of log that were replayed. */
  replayedBytes = 0
  rows = 0
  constructor(zone2, store, tables, streams, checkpoint) {
    this.#zone = zone2
    this.#store = store
    this.#tables = new Map(Array.from(tables, (table) => [table.schema.name, table]))
    this.#streams = streams
    this.seq = checkpoint
  }
  async readTables() {
    for (const table of this.#tables.values()) {
      for await (const { columns } of this.#store.checkpoints.rows(this.#zone, table.schema)) {
        const count = columns[0]?.length ?? 0
        for (let r = 0; r < count; r++) table.restore(columns.map((column) => column[r]))
        this.rows += count
      }
    }
    for await (const positions of this.#store.checkpoints.streams(this.#zone)) {
      for (const { stream, lastInput, at } of positions) this.#streams.restore(stream, lastInput, at)
    }
  }
  /** Applies what the log holds behind `seq`. May be called again, for batches that came since. */
  async replay() {
    for await (const entries of this.#store.log.read(this.#zone, this.seq)) {
      for (const entry of entries) {
        assert(entry.seq === this.seq + 1, `zone ${this.#zone}: the log has a hole before batch ${entry.seq}`)
        const batch = decodeBatch(entry.payload)
        for (const kind2 of batch.kinds) this.#apply(kind2)
        for (let i = 0; i < batch.streams.length; i += 2) {
          this.#streams.restore(batch.streams[i], batch.streams[i + 1], batch.at)
          this.#streams.markUnsaved(this.#streams.ensure(batch.streams[i]))
        }
        this.seq = entry.seq
        this.replayedBytes += entry.payload.length
      }
    }
  }
  /** Ends the recovery: builds indexes and cells. Returns the rows that the log changed, with stubs for deleted ones. */
  finish() {
    for (const [table, keys] of this.#partial) {
      assert(keys.size === 0, `zone ${this.#zone}: rows of ${table.schema.name} are incomplete after replay`)
    }
    for (const table of this.#tables.values()) table.relink()
    const changed = []
    for (const [table, keys] of this.#touched) {
      for (const key of keys) changed.push(table.entity(key) ?? table.tombstone(key))
    }
    return changed
  }
  /** Kinds and columns that this version of the world no longer has are passed over; new columns get their default. */
  #apply(change) {
    const table = this.#tables.get(change.name)
    if (table === void 0) return
    const partial = keysOf(this.#partial, table)
    const touched = keysOf(this.#touched, table)
    const places = change.columns.map((name) => table.names.indexOf(name))
    visitChanges(change, {
      whole: (key, values) => {
        touched.add(key)
        partial.delete(key)
        table.forget(key)
        table.restore(spread(table, places, values))
      },
      changed: (key, mask, values) => {
        touched.add(key)
        let entity = table.entity(key)
        if (entity === void 0) {
          entity = table.restore(table.names.map((name) => (name === table.keyName ? key : null)))
          partial.add(key)
        }
        let at = 0
        for (let column = 0; column < places.length; column++) {
          if ((mask & (1 << column)) === 0) continue
          const place = places[column]
          if (place !== -1) entity.row[table.names[place]] = values[at]
          at++
        }
      },
      deleted: (key) => {
        touched.add(key)
        partial.delete(key)
        table.forget(key)
      },
    })
  }
}
function keysOf(sets, table) {
  let keys = sets.get(table)
  if (keys === void 0) {
    keys = /* @__PURE__ */ new Set()
    sets.set(table, keys)
  }
  return keys
}
function spread(table, places, values) {
  const full = table.schema.columns.map((column) => column.defaultValue ?? null)
  for (let i = 0; i < places.length; i++) {
    const place = places[i]
    if (place !== -1) full[place] = values[i]
  }
  return full
}

// packages/engine/src/zone/streams.ts
var StreamHandle = class {
  stream
  holder
  constructor(stream, holder) {
    this.stream = stream
    this.holder = holder
  }
  get player() {
    return this.stream.player
  }
  get client() {
    return this.stream.client
  }
  get applied() {
    return this.stream.applied
  }
  get durable() {
    return this.stream.durable
  }
}
var Stream = class {
  name
  player
  client
  applied = 0
  durable = 0
  handle = void 0
  /** When the last input was applied, ms since the epoch. */
  at = 0
  /** Stands in the open batch's list. */
  queued = false
  /** Moved since the last checkpoint. */
  unsaved = false
  constructor(name) {
    this.name = name
    const cut = name.indexOf('/')
    this.client = name.slice(0, cut)
    this.player = name.slice(cut + 1)
  }
}
function streamName(player, client) {
  return `${client}/${player}`
}
var Streams = class {
  #byName = /* @__PURE__ */ new Map()
  #unsaved = /* @__PURE__ */ new Set()
  #ended = []
  /** Sessions per player, to know a player's first. */
  #sessions = /* @__PURE__ */ new Map()
  get count() {
    return this.#byName.size
  }
  /** Streams that a session holds. */
  get held() {
    let sum = 0
    for (const count of this.#sessions.values()) sum += count
    return sum
  }
  sessionsOf(player) {
    return this.#sessions.get(player) ?? 0
  }
  ensure(name) {
    let stream = this.#byName.get(name)
    if (stream === void 0) {
      stream = new Stream(name)
      this.#byName.set(name, stream)
    }
    return stream
  }
  hold(stream, holder) {
    if (stream.handle === void 0) this.#sessions.set(stream.player, this.sessionsOf(stream.player) + 1)
    stream.handle = new StreamHandle(stream, holder)
    return stream.handle
  }
  release(handle) {
    const stream = handle.stream
    if (stream.handle !== handle) return
    stream.handle = void 0
    const left = this.sessionsOf(stream.player) - 1
    if (left > 0) this.#sessions.set(stream.player, left)
    else this.#sessions.delete(stream.player)
  }
  *handles() {
    for (const stream of this.#byName.values()) if (stream.handle !== void 0) yield stream.handle
  }
  /** Sets a position that recovery read. */
  restore(name, lastInput, at) {
    const stream = this.ensure(name)
    stream.applied = lastInput
    stream.durable = lastInput
    stream.at = at
  }
  markUnsaved(stream) {
    stream.unsaved = true
    this.#unsaved.add(stream)
  }
  get unsavedCount() {
    return this.#unsaved.size + this.#ended.length
  }
  /** What the next checkpoint has to write; forgets that it was asked. Positions are as of now. */
  takeUnsaved() {
    const streams = []
    for (const stream of this.#unsaved) {
      stream.unsaved = false
      streams.push({ stream: stream.name, lastInput: stream.applied, at: stream.at })
    }
    this.#unsaved.clear()
    const ended = this.#ended
    this.#ended = []
    return { streams, ended }
  }
  /** Ends streams that nobody holds and that have been silent since `before`. */
  endIdle(before) {
    for (const [name, stream] of this.#byName) {
      if (stream.handle !== void 0 || stream.at >= before || stream.queued || stream.unsaved) continue
      this.#byName.delete(name)
      this.#ended.push(name)
    }
  }
}

// packages/engine/src/zone/zone.ts
var Zone = class _Zone {
  id
  epoch
  hz
  counters = {
    inputs: 0,
    rejected: 0,
    ticks: 0,
    checkpoints: 0,
    checkpointRows: 0,
    checkpointMs: 0,
  }
  #options
  #runner
  #publisher
  #streams
  #checkpointer
  #inputs
  #timers = /* @__PURE__ */ new Set()
  #state = 'active'
  /** Last sealed and last durable batch. */
  #sealedSeq
  #durableSeq
  /** The open batch. */
  #dirty = []
  #openStreams = []
  /** The streams of the sealed batch, with the numbers that it makes durable. */
  #sealedStreams = []
  #writingCheckpoint = false
  #settled = []
  /** When the last session left, ms since the epoch. */
  #idleSince
  constructor(options2, epoch, parts) {
    this.id = options2.id
    this.epoch = epoch
    this.#options = options2
    this.#runner = parts.runner
    this.#streams = parts.streams
    this.#publisher = parts.publisher
    this.#checkpointer = parts.checkpointer
    this.#sealedSeq = parts.seq
    this.#durableSeq = parts.seq
    this.#inputs = inputHandlersOf(options2.world)
    this.hz = this.#publisher.hz
    this.#idleSince = options2.clock.now()
  }
  /**
   * Recovers a claimed zone and takes over its log: the opening batch carries the new epoch, so an
   * earlier owner that still runs is fenced at its next append. A zone that never was gets the
   * world's `init` in its opening batch.
   */
  static async open(options2, claim) {
    const { id, world, store, clock, random, limits, report } = options2
    const startedAt = clock.now()
    const cells = new CellMap(world.interest?.cell ?? (world.interest?.radius ?? DEFAULT_RADIUS) / 5)
    let zone2
    const runner = new TransactionRunner({
      world,
      zone: id,
      clock,
      random,
      cells,
      changed: (entity, mask, whole) => zone2.#changed(entity, mask, whole),
    })
    const streams = new Streams()
    const recovery = new Recovery(id, store, runner.tables, streams, claim.checkpoint)
    await recovery.readTables()
    await recovery.replay()
    const replayed = recovery.finish()
    const fresh = recovery.seq === 0
    const publisher = new Publisher({ world, runner, cells, limits })
    const checkpointer = new Checkpointer(id, claim.checkpoint, streams, limits, clock)
    checkpointer.recovered(recovery.seq, recovery.replayedBytes, replayed)
    zone2 = new _Zone(options2, claim.epoch, { runner, streams, publisher, checkpointer, seq: recovery.seq })
    if (fresh && world.init !== void 0) {
      const outcome = runner.run('', world.init)
      if (!outcome.kept) throw initFailed(id, outcome)
    }
    await zone2.#takeLog(recovery)
    if (fresh) report({ type: 'zone_created', zone: id, rows: zone2.entities })
    report({
      type: 'zone_opened',
      zone: id,
      epoch: claim.epoch,
      rows: zone2.entities,
      replayedBytes: recovery.replayedBytes,
      tookMs: clock.now() - startedAt,
    })
    zone2.#startTimers()
    return zone2
  }
  /** The tables, read-only. Rows are live. */
  get tables() {
    return this.#runner.tablesByName
  }
  get state() {
    return this.#state
  }
  get entities() {
    return this.#runner.tables.reduce((sum, table) => sum + table.count, 0)
  }
  get sessions() {
    return this.#streams.held
  }
  /** How long nobody has been here, ms. */
  get idleMs() {
    const used = this.#streams.held > 0 || this.#publisher.subscriptions > 0
    return used ? 0 : this.#options.clock.now() - this.#idleSince
  }
  status() {
    return {
      id: this.id,
      state: this.#state,
      epoch: this.epoch,
      seq: this.#durableSeq,
      checkpoint: this.#checkpointer.position,
      entities: this.entities,
      sessions: this.#streams.held,
      tailBytes: this.#checkpointer.tailBytes,
      checkpointLagMs: this.#checkpointer.lagMs,
    }
  }
  /** What is wrong, by invariant. */
  checkInvariants() {
    const problems = []
    const invariants = this.#options.world.invariants ?? {}
    for (const [invariant, check] of Object.entries(invariants)) {
      const problem = check(this.tables)
      if (problem !== void 0) problems.push({ invariant, problem })
    }
    return problems
  }
  // ── inputs ──────────────────────────────────────────────────────────────────────────────────────
  open(player, client, holder) {
    if (this.#state !== 'active') throw unavailable(this.#state)
    const join = this.#options.world.join
    if (join !== void 0 && this.#streams.sessionsOf(player) === 0) {
      const outcome = this.#runner.run(player, join)
      if (!outcome.kept) {
        if ('rejection' in outcome) throw new TerraneError(outcome.rejection.code, outcome.rejection.message)
        this.#options.report({ type: 'input_failed', zone: this.id, input: 'join', player, cause: outcome.failure })
        throw new TerraneError('world_error', `the world could not take ${player} in`)
      }
    }
    const stream = this.#streams.ensure(streamName(player, client))
    stream.handle?.holder.onClosed(wireError('replaced'))
    stream.at = this.#options.clock.now()
    return this.#streams.hold(stream, holder)
  }
  close(handle) {
    this.#streams.release(handle)
    this.#idleSince = this.#options.clock.now()
  }
  submit(handle, seq, input, args) {
    const { stream } = handle
    if (stream.handle !== handle) return { rejected: wireError('replaced') }
    if (this.#state === 'closed' || this.#state === 'draining') return { rejected: unavailable(this.#state).wire }
    if (seq <= stream.applied) return 'past'
    if (seq !== stream.applied + 1) return 'gap'
    stream.applied = seq
    this.#queueStream(stream)
    if (input === SKIP) return void 0
    this.counters.inputs++
    const outcome = this.#execute(stream, input, args)
    if (outcome !== void 0 && 'rejected' in outcome) this.counters.rejected++
    return outcome
  }
  #execute(stream, input, args) {
    if (this.#state === 'stalled') return { rejected: wireError('zone_unavailable') }
    const handler = this.#inputs[input]
    if (handler === void 0) return { rejected: wireError('unknown_input', `no input has the number ${input}`) }
    const parsed = handler.parse(args)
    if (!parsed.ok) return { rejected: wireError('invalid_args', parsed.problem) }
    const outcome = this.#runner.run(stream.player, (tx) => handler.apply(tx, parsed.args))
    if (outcome.kept) return outcome.result === void 0 ? void 0 : { result: outcome.result }
    if ('rejection' in outcome) {
      const { code, message } = outcome.rejection
      return { rejected: { code, message, retry: 'never' } }
    }
    this.#options.report({
      type: 'input_failed',
      zone: this.id,
      input: handler.name,
      player: stream.player,
      cause: outcome.failure,
    })
    return { rejected: wireError('world_error') }
  }
  subscribe(sink, player, focus, resume) {
    if (this.#state === 'closed') throw unavailable(this.#state)
    const subscription = this.#publisher.subscribe(sink, player, focus, resume?.epoch === this.epoch ? resume : void 0)
    return {
      focus: (next) => subscription.focus(next),
      resync: (cells) => subscription.resync(cells),
      close: () => {
        this.#publisher.unsubscribe(subscription)
        this.#idleSince = this.#options.clock.now()
      },
    }
  }
  // ── commits ─────────────────────────────────────────────────────────────────────────────────────
  #changed(entity, mask, whole) {
    entity.logMask |= mask
    if (whole) entity.logWhole = true
    if (!entity.logQueued) {
      entity.logQueued = true
      this.#dirty.push(entity)
      if (this.#dirty.length === 1) this.#options.committer.request(this)
    }
    if (this.#runner.context.published) this.#publisher.changed(entity, mask)
  }
  #queueStream(stream) {
    stream.at = this.#options.clock.now()
    if (stream.queued) return
    stream.queued = true
    this.#openStreams.push(stream)
    if (this.#openStreams.length === 1) this.#options.committer.request(this)
  }
  seal() {
    if (this.#state === 'closed' || (this.#dirty.length === 0 && this.#openStreams.length === 0)) return void 0
    return this.#sealBatch()
  }
  #sealBatch() {
    assert(this.#sealedSeq === this.#durableSeq, `zone ${this.id}: a batch was sealed while another is in flight`)
    const dirty = this.#dirty
    const streams = []
    for (const stream of this.#openStreams) {
      stream.queued = false
      streams.push(stream.name, stream.applied)
      this.#sealedStreams.push({ stream, number: stream.applied })
      if (!stream.unsaved) this.#streams.markUnsaved(stream)
    }
    this.#dirty = []
    this.#openStreams = []
    const seq = ++this.#sealedSeq
    const rows = commitRowsOf(dirty)
    const payload = encodeBatch(this.#options.clock.now(), dirty, streams)
    this.#checkpointer.sealed(seq, payload.length, dirty)
    if (this.#checkpointer.due(this.#state === 'draining')) this.#checkpointer.copySlice(seq)
    const entry = { zone: this.id, seq, epoch: this.epoch, payload }
    return rows === void 0 ? entry : { ...entry, rows }
  }
  committed(seq) {
    if (this.#state === 'closed') return
    this.#durableSeq = seq
    if (this.#state === 'stalled') {
      this.#state = 'active'
      this.#options.report({ type: 'zone_resumed', zone: this.id })
    }
    const streams = this.#sealedStreams
    this.#sealedStreams = []
    for (const { stream, number } of streams) {
      stream.durable = number
      stream.handle?.holder.onDurable(stream.handle)
    }
    if (this.#dirty.length > 0 || this.#openStreams.length > 0) this.#options.committer.request(this)
    this.#pumpCheckpoint()
    this.#settle()
  }
  fenced() {
    this.#end('fenced', wireError('zone_moved'))
  }
  refused(cause) {
    this.#options.report({ type: 'zone_failed', zone: this.id, cause })
    this.#end('failed', wireError('zone_unavailable', 'the database refused a batch; the zone is loaded anew'))
  }
  stalled(cause) {
    if (this.#state !== 'active') return
    this.#state = 'stalled'
    this.#options.report({ type: 'zone_stalled', zone: this.id, cause })
  }
  /** Appends the opening batch. */
  async #takeLog(recovery) {
    const entry = this.#sealBatch()
    const results = await this.#options.store.log.append([entry])
    if (results[0] !== 'committed') {
      throw new TerraneError('zone_busy', `zone ${this.id} was written by another owner while it was opened`, {
        retry: 'later',
      })
    }
    assert(recovery.seq === entry.seq - 1, 'the opening batch does not follow the recovered log')
    this.committed(entry.seq)
  }
  // ── checkpoints ─────────────────────────────────────────────────────────────────────────────────
  /** Copies a slice when memory is exactly a durable state, and writes one that is ready. */
  #pumpCheckpoint() {
    if (this.#state === 'closed' || this.#writingCheckpoint) return
    const atRest = this.#dirty.length === 0 && this.#openStreams.length === 0 && this.#sealedSeq === this.#durableSeq
    if (atRest && this.#checkpointer.due(this.#state === 'draining')) this.#checkpointer.copySlice(this.#durableSeq)
    const slice = this.#checkpointer.ready(this.#durableSeq)
    if (slice === void 0) return
    this.#writingCheckpoint = true
    const startedAt = this.#options.clock.now()
    this.#options.store.checkpoints.write(slice).then(
      (result) => {
        this.#writingCheckpoint = false
        if (this.#state === 'closed') return
        if (result === 'fenced') {
          this.fenced()
          return
        }
        const tookMs = this.#options.clock.now() - startedAt
        this.counters.checkpoints++
        this.counters.checkpointMs += tookMs
        for (const { columns, deleted } of slice.changes) {
          this.counters.checkpointRows += (columns[0]?.length ?? 0) + deleted.length
        }
        this.#checkpointer.written(tookMs, this.#options.committer.busy && this.#state !== 'draining')
        this.#pumpCheckpoint()
        this.#settle()
      },
      (cause) => {
        this.#writingCheckpoint = false
        if (this.#state === 'closed') return
        this.#options.report({ type: 'checkpoint_failed', zone: this.id, cause })
      },
    )
  }
  // ── time ────────────────────────────────────────────────────────────────────────────────────────
  #startTimers() {
    const { world, limits } = this.#options
    for (const [name, tick] of Object.entries(world.ticks ?? {})) {
      this.#every(tick.everyMs, (elapsedMs) => this.#tick(name, tick, elapsedMs))
    }
    this.#every(1e3 / this.hz, () => this.#publisher.publish())
    this.#every(Math.max(10, limits.checkpointEveryMs / 4), () => this.#pumpCheckpoint())
  }
  #tick(name, tick, elapsedMs) {
    if (this.#state !== 'active') return
    this.counters.ticks++
    const outcome = this.#runner.run('', (tx) => tick.apply(tx, elapsedMs))
    if (outcome.kept) return
    const cause =
      'rejection' in outcome ? new Error(`${outcome.rejection.code}: ${outcome.rejection.message}`) : outcome.failure
    this.#options.report({ type: 'tick_failed', zone: this.id, tick: name, cause })
  }
  /** Runs `work` on a steady beat; beats that the process missed are skipped, not made up for. */
  #every(periodMs, work) {
    const { clock, timers } = this.#options
    let last = clock.now()
    let next = last + periodMs
    let timer
    const arm = () => {
      timer = timers.after(Math.max(0, next - clock.now()), beat)
      this.#timers.add(timer)
    }
    const beat = () => {
      if (timer !== void 0) this.#timers.delete(timer)
      if (this.#state === 'closed') return
      const now = clock.now()
      work(now - last)
      last = now
      next = Math.max(next + periodMs, now)
      arm()
    }
    arm()
  }
  /** Forgets streams that have long been silent and cells that hold nothing. */
  async housekeep() {
    const { clock, limits, store } = this.#options
    this.#streams.endIdle(clock.now() - limits.streamRetentionMs)
    this.#publisher.sweep()
    const upTo = this.#checkpointer.trimmable(clock.now() - limits.retentionMs)
    if (upTo > 0) await store.log.trim(this.id, upTo)
  }
  // ── the end ─────────────────────────────────────────────────────────────────────────────────────
  /** Takes no more inputs; resolves when everything is durable and in the tables, or the zone has closed. */
  async drain(why = 'drained') {
    if (this.#state === 'closed') return
    this.#state = 'draining'
    const error = wireError('draining')
    for (const handle of [...this.#streams.handles()]) handle.holder.onClosed(error)
    this.#pumpCheckpoint()
    await new Promise((resolve) => {
      this.#settled.push(resolve)
      this.#settle()
    })
    this.#end(why, error)
  }
  /** Lets go at once, as a crash does; what is not durable is lost to memory only. */
  stop() {
    this.#end('stopped', wireError('draining'))
  }
  #settle() {
    const done =
      this.#state === 'closed' ||
      (this.#state === 'draining' &&
        this.#dirty.length === 0 &&
        this.#openStreams.length === 0 &&
        this.#sealedSeq === this.#durableSeq &&
        !this.#writingCheckpoint &&
        this.#checkpointer.clean)
    if (!done) return
    const waiting = this.#settled
    this.#settled = []
    for (const resolve of waiting) resolve()
  }
  #end(why, error) {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
    this.#publisher.stop()
    for (const handle of [...this.#streams.handles()]) handle.holder.onClosed(error)
    this.#settle()
    this.#options.report({ type: 'zone_closed', zone: this.id, why })
    this.#options.closed(this, why)
  }
}
var DEFAULT_RADIUS = 1e3
var ZoneUnavailable = class extends TerraneError {
  wire
  constructor(wire) {
    super(wire.code, wire.message, { retry: wire.retry })
    this.wire = wire
  }
}
function unavailable(state) {
  if (state === 'closed') return new ZoneUnavailable(wireError('zone_moved'))
  return new ZoneUnavailable(wireError(state === 'draining' ? 'draining' : 'zone_unavailable'))
}
function initFailed(zone2, outcome) {
  const why = 'rejection' in outcome ? outcome.rejection.message : messageOf(outcome.failure)
  return new TerraneError('world_error', `the world's init failed in zone ${zone2}: ${why}`, {
    hint: 'Nothing was written. Mend init and start again.',
    cause: 'failure' in outcome ? outcome.failure : void 0,
  })
}

// packages/engine/src/engine.ts
var OPEN_ATTEMPTS_MAX = 8
var Engine = class {
  world
  limits
  #options
  #random
  #committer
  #report
  #zones = /* @__PURE__ */ new Map()
  #opening = /* @__PURE__ */ new Map()
  /** Counts of zones that have closed, so that totals never go back. */
  #past = zeroCounters()
  #releases = /* @__PURE__ */ new Set()
  #timers = []
  #state = 'new'
  constructor(options2) {
    this.#options = options2
    this.world = options2.world
    this.limits = { ...DEFAULT_LIMITS, ...options2.limits }
    this.#random = new Prng(options2.seed)
    this.#report = options2.report ?? (() => {})
    this.#committer = new Committer({
      log: options2.store.log,
      clock: options2.clock,
      timers: options2.timers,
      random: this.#random.fork('committer'),
      stallAfterMs: this.limits.stallAfterMs,
    })
  }
  /** Opens the world's standing zones. Rejects `zone_held` when another process has one. */
  async start() {
    this.#state = 'running'
    this.#repeat(this.limits.leaseMs / 3, () => this.#renewLeases())
    this.#repeat(Math.min(1e4, this.limits.idleMs), () => this.#housekeep())
    for (const id of this.world.zones ?? ['main']) await this.zone(id)
  }
  /** The zone of this id, opened when it is not. Rejects `unknown_topic` for ids that the world does not know. */
  zone(id) {
    const open = this.#zones.get(id)
    if (open !== void 0) return Promise.resolve(open)
    const opening = this.#opening.get(id)
    if (opening !== void 0) return opening
    if (this.#state !== 'running') {
      return Promise.reject(new TerraneError('draining', 'the server is going down', { retry: 'later' }))
    }
    if (!this.#knows(id)) {
      return Promise.reject(new TerraneError('unknown_topic', `the world ${this.world.name} has no zone "${id}"`))
    }
    const promise = this.#open(id).finally(() => this.#opening.delete(id))
    this.#opening.set(id, promise)
    return promise
  }
  statuses() {
    return Array.from(this.#zones.values(), (zone2) => zone2.status())
  }
  /** Zones that are open now. */
  zones() {
    return [...this.#zones.values()]
  }
  stats() {
    const sum = { ...this.#past }
    for (const zone2 of this.#zones.values()) addCounters(sum, zone2.counters)
    return { ...sum, commits: this.#committer.counters }
  }
  checkInvariants() {
    return this.zones().flatMap((zone2) => zone2.checkInvariants().map((found) => ({ zone: zone2.id, ...found })))
  }
  /** Takes no more inputs, makes everything durable, brings the tables up to date, gives the zones back. */
  async drain() {
    if (this.#state !== 'running') return
    this.#state = 'draining'
    await Promise.allSettled(this.#opening.values())
    await Promise.all(this.zones().map((zone2) => zone2.drain()))
    await Promise.allSettled(this.#releases)
    for (const timer of this.#timers) timer.cancel()
    this.#state = 'stopped'
  }
  /** Lets go at once, as a crash would. */
  stop() {
    this.#state = 'stopped'
    for (const timer of this.#timers) timer.cancel()
    this.#committer.stop()
    for (const zone2 of this.zones()) zone2.stop()
  }
  #knows(id) {
    return (this.world.zones ?? ['main']).includes(id) || this.world.opens?.(id) === true
  }
  async #open(id) {
    const { timers } = this.#options
    for (let attempt = 0; ; attempt++) {
      try {
        const claim = await this.#claim(id)
        const zone2 = await Zone.open(
          {
            id,
            world: this.world,
            store: this.#options.store,
            committer: this.#committer,
            clock: this.#options.clock,
            timers,
            random: this.#random.fork(id),
            limits: this.limits,
            report: this.#report,
            closed: (closed, why) => this.#closed(closed, why),
          },
          claim,
        )
        if (this.#state === 'stopped') {
          zone2.stop()
          throw new TerraneError('draining', 'the server is going down', { retry: 'later' })
        }
        this.#zones.set(id, zone2)
        return zone2
      } catch (cause) {
        const passing =
          cause instanceof TransientStoreError || (cause instanceof TerraneError && cause.code === 'zone_busy')
        if (!passing || attempt + 1 >= OPEN_ATTEMPTS_MAX || this.#state !== 'running') throw cause
        await sleep(
          timers,
          backoffMs(attempt, () => this.#random.float()),
        )
      }
    }
  }
  async #claim(id) {
    const { store, owner, isOwnerDead } = this.#options
    let answer = await store.zones.claim(id, owner, this.limits.leaseMs)
    if (!answer.claimed && isOwnerDead?.(answer.owner) === true) {
      await store.zones.release(id, answer.owner)
      answer = await store.zones.claim(id, owner, this.limits.leaseMs)
    }
    if (answer.claimed) return answer
    throw new TerraneError('zone_held', `zone ${id} is held by ${answer.owner}`, {
      retry: 'later',
      hint: `Stop that process, or wait until its lease ends at ${new Date(answer.leaseUntil).toISOString()}.`,
    })
  }
  #closed(zone2, why) {
    this.#zones.delete(zone2.id)
    addCounters(this.#past, zone2.counters)
    if (why === 'drained' || why === 'idle' || why === 'failed') {
      const release = this.#options.store.zones
        .release(zone2.id, this.#options.owner)
        .catch((cause) => this.#report({ type: 'lease_failed', cause }))
        .finally(() => this.#releases.delete(release))
      this.#releases.add(release)
    }
    if (why === 'failed' && (this.world.zones ?? ['main']).includes(zone2.id)) {
      this.zone(zone2.id).catch((cause) => this.#report({ type: 'zone_failed', zone: zone2.id, cause }))
    }
  }
  async #renewLeases() {
    const { store, owner } = this.#options
    try {
      const lost = await store.zones.renew(owner, [...this.#zones.keys()], this.limits.leaseMs)
      for (const id of lost) this.#zones.get(id)?.fenced()
    } catch (cause) {
      this.#report({ type: 'lease_failed', cause })
    }
  }
  async #housekeep() {
    const standing = this.world.zones ?? ['main']
    for (const zone2 of this.zones()) {
      try {
        await zone2.housekeep()
        if (!standing.includes(zone2.id) && zone2.idleMs >= this.limits.idleMs) await zone2.drain('idle')
      } catch (cause) {
        this.#report({ type: 'checkpoint_failed', zone: zone2.id, cause })
      }
    }
  }
  /** Runs `work` again and again, each time `periodMs` after the last has ended. */
  #repeat(periodMs, work) {
    const place = this.#timers.length
    const arm = () => {
      if (this.#state !== 'running') return
      this.#timers[place] = this.#options.timers.after(periodMs, () => void work().then(arm))
    }
    arm()
  }
}
function zeroCounters() {
  return { inputs: 0, rejected: 0, ticks: 0, checkpoints: 0, checkpointRows: 0, checkpointMs: 0 }
}
function addCounters(sum, more) {
  for (const name of Object.keys(sum)) sum[name] += more[name]
}

// packages/store-memory/src/memory-disk.ts
var MemoryDisk = class {
  zones = /* @__PURE__ */ new Map()
  zone(name) {
    let zone2 = this.zones.get(name)
    if (zone2 === void 0) {
      zone2 = {
        zone: name,
        log: [],
        streams: /* @__PURE__ */ new Map(),
        tables: /* @__PURE__ */ new Map(),
        checkpoint: 0,
        epoch: 0,
        owner: void 0,
        leaseUntil: 0,
      }
      this.zones.set(name, zone2)
    }
    return zone2
  }
  /** The newest position in a zone's log; 0 when nothing was ever appended. */
  headSeq(zone2) {
    return this.zones.get(zone2)?.log.at(-1)?.seq ?? 0
  }
  /** Inserts, overwrites and deletes rows of one kind. */
  applyChanges(zone2, changes) {
    const { kind: kind2, columns, deleted } = changes
    const table = this.#table(zone2, kind2)
    for (const key of deleted) table.rows.delete(key)
    const keys = columns[kind2.keyColumn]
    for (let r = 0; r < (keys?.length ?? 0); r++) {
      const row = kind2.columns.map((column, c) => copyValue(column, columns[c]?.[r]))
      table.rows.set(row[kind2.keyColumn], row)
    }
  }
  /** Copies up to `limit` rows behind the first `skip`, column-wise; undefined when there are none. */
  readRows(zone2, kind2, skip, limit) {
    if (!this.zones.get(zone2)?.tables.has(kind2.sqlName)) return void 0
    const columns = kind2.columns.map(() => [])
    let index = 0
    for (const row of this.#table(zone2, kind2).rows.values()) {
      if (index >= skip + limit) break
      if (index++ < skip) continue
      for (let c = 0; c < columns.length; c++) columns[c]?.push(copyValue(kind2.columns[c], row[c]))
    }
    return index > skip ? { kind: kind2, columns, deleted: [] } : void 0
  }
  /** A kind's table; when its columns have changed since the last write, rows are brought to the new shape. */
  #table(zoneName, kind2) {
    const zone2 = this.zone(zoneName)
    const names = kind2.columns.map((column) => column.sqlName)
    let table = zone2.tables.get(kind2.sqlName)
    if (table === void 0) {
      table = { columns: names, rows: /* @__PURE__ */ new Map() }
      zone2.tables.set(kind2.sqlName, table)
    } else if (table.columns.join() !== names.join()) {
      const from = names.map((name) => table?.columns.indexOf(name) ?? -1)
      for (const [key, row] of table.rows) {
        table.rows.set(
          key,
          from.map((index) => (index === -1 ? null : row[index])),
        )
      }
      table.columns = names
    }
    return table
  }
}
function copyValue(column, value) {
  if (value === void 0 || value === null) return null
  if (column.type === 'json') return JSON.parse(JSON.stringify(value) ?? 'null')
  if (column.type === 'date') return new Date(value.getTime())
  return value
}

// packages/store-memory/src/memory-store.ts
var MemoryStore = class {
  disk
  log
  checkpoints
  zones
  #faults
  #closed = false
  constructor(disk2, options2) {
    const chunkSize = options2.chunkSize ?? 1e3
    const run = (call, effect) => this.#run(call, effect)
    this.disk = disk2
    this.#faults = options2.faults ?? {}
    this.log = new MemoryLog(disk2, run, chunkSize)
    this.checkpoints = new MemoryCheckpoints(disk2, run, chunkSize)
    this.zones = new MemoryZones(disk2, run, options2.clock)
  }
  async close() {
    this.#closed = true
  }
  async #run(call, effect) {
    this.#checkOpen(call, TransientStoreError)
    await this.#faults.before?.(call)
    this.#checkOpen(call, TransientStoreError)
    const result = effect()
    await this.#faults.after?.(call)
    this.#checkOpen(call, call.writes ? UncertainStoreError : TransientStoreError)
    return result
  }
  #checkOpen(call, failure) {
    if (this.#closed) throw new failure(`${call.method}: the store is closed`)
  }
}
var MemoryLog = class {
  #disk
  #run
  #chunkSize
  constructor(disk2, run, chunkSize) {
    this.#disk = disk2
    this.#run = run
    this.#chunkSize = chunkSize
  }
  append(entries) {
    const call = { method: 'log.append', zones: entries.map((entry) => entry.zone), writes: true }
    return this.#run(call, () => entries.map((entry) => this.#appendOne(entry)))
  }
  #appendOne(entry) {
    if (this.#disk.headSeq(entry.zone) !== entry.seq - 1) return 'fenced'
    const { zone: zone2, seq, epoch } = entry
    this.#disk.zone(zone2).log.push({ zone: zone2, seq, epoch, payload: entry.payload.slice() })
    for (const changes of entry.rows ?? []) this.#disk.applyChanges(zone2, changes)
    return 'committed'
  }
  headOf(zone2) {
    return this.#run({ method: 'log.headOf', zones: [zone2], writes: false }, () => {
      const head = this.#disk.zones.get(zone2)?.log.at(-1)
      return head && { seq: head.seq, epoch: head.epoch }
    })
  }
  async *read(zone2, after) {
    let position = after
    for (;;) {
      const chunk = await this.#run({ method: 'log.read', zones: [zone2], writes: false }, () => {
        const log = this.#disk.zones.get(zone2)?.log ?? []
        const start = Math.max(0, position + 1 - (log[0]?.seq ?? 0))
        return log.slice(start, start + this.#chunkSize).map((entry) => ({ ...entry, payload: entry.payload.slice() }))
      })
      if (chunk.length === 0) return
      position = chunk.at(-1)?.seq ?? position
      yield chunk
    }
  }
  trim(zone2, upTo) {
    return this.#run({ method: 'log.trim', zones: [zone2], writes: true }, () => {
      const disk2 = this.#disk.zones.get(zone2)
      if (disk2 === void 0) return 0
      const limit = Math.min(upTo, disk2.checkpoint, this.#disk.headSeq(zone2) - 1)
      const count = Math.max(0, limit + 1 - (disk2.log[0]?.seq ?? limit + 1))
      disk2.log.splice(0, count)
      return count
    })
  }
}
var MemoryCheckpoints = class {
  #disk
  #run
  #chunkSize
  constructor(disk2, run, chunkSize) {
    this.#disk = disk2
    this.#run = run
    this.#chunkSize = chunkSize
  }
  write(checkpoint) {
    return this.#run({ method: 'checkpoints.write', zones: [checkpoint.zone], writes: true }, () => {
      const disk2 = this.#disk.zones.get(checkpoint.zone)
      if (disk2 === void 0 || disk2.epoch === 0 || disk2.checkpoint !== checkpoint.from) return 'fenced'
      if (checkpoint.epoch !== void 0 && checkpoint.epoch !== disk2.epoch) return 'fenced'
      for (const changes of checkpoint.changes) this.#disk.applyChanges(checkpoint.zone, changes)
      for (const name of checkpoint.endedStreams) disk2.streams.delete(name)
      for (const stream of checkpoint.streams) disk2.streams.set(stream.stream, { ...stream })
      disk2.checkpoint = checkpoint.to
      return 'written'
    })
  }
  async *rows(zone2, kind2) {
    for (let skip = 0; ; skip += this.#chunkSize) {
      const call = { method: 'checkpoints.rows', zones: [zone2], writes: false }
      const chunk = await this.#run(call, () => this.#disk.readRows(zone2, kind2, skip, this.#chunkSize))
      if (chunk === void 0) return
      yield chunk
    }
  }
  async *streams(zone2) {
    const call = { method: 'checkpoints.streams', zones: [zone2], writes: false }
    const all = await this.#run(call, () => [...(this.#disk.zones.get(zone2)?.streams.values() ?? [])])
    for (let start = 0; start < all.length; start += this.#chunkSize) yield all.slice(start, start + this.#chunkSize)
  }
}
var MemoryZones = class {
  #disk
  #run
  #clock
  constructor(disk2, run, clock) {
    this.#disk = disk2
    this.#run = run
    this.#clock = clock
  }
  claim(zone2, owner, leaseMs) {
    return this.#run({ method: 'zones.claim', zones: [zone2], writes: true }, () => {
      const disk2 = this.#disk.zone(zone2)
      const now = this.#clock.now()
      if (disk2.owner !== void 0 && disk2.owner !== owner && disk2.leaseUntil > now) {
        return { claimed: false, owner: disk2.owner, leaseUntil: disk2.leaseUntil }
      }
      disk2.epoch++
      disk2.owner = owner
      disk2.leaseUntil = now + leaseMs
      const existed = disk2.log.length > 0 || disk2.checkpoint > 0
      return { claimed: true, epoch: disk2.epoch, checkpoint: disk2.checkpoint, existed }
    })
  }
  renew(owner, zones, leaseMs) {
    return this.#run({ method: 'zones.renew', zones, writes: true }, () =>
      zones.filter((zone2) => {
        const disk2 = this.#disk.zones.get(zone2)
        if (disk2?.owner !== owner) return true
        disk2.leaseUntil = this.#clock.now() + leaseMs
        return false
      }),
    )
  }
  release(zone2, owner) {
    return this.#run({ method: 'zones.release', zones: [zone2], writes: true }, () => {
      const disk2 = this.#disk.zones.get(zone2)
      if (disk2?.owner !== owner) return
      disk2.owner = void 0
      disk2.leaseUntil = 0
    })
  }
  list() {
    return this.#run({ method: 'zones.list', zones: [], writes: false }, () =>
      [...this.#disk.zones.values()]
        .filter((disk2) => disk2.epoch > 0)
        .map(({ zone: zone2, owner, epoch, leaseUntil, checkpoint }) => ({
          zone: zone2,
          owner,
          epoch,
          leaseUntil,
          checkpoint,
        }))
        .sort((a, b) => (a.zone < b.zone ? -1 : 1)),
    )
  }
}

// bench/src/zz-tmp.ts
import { integer, pgTable } from 'drizzle-orm/pg-core'
import { z as z2 } from 'zod'

var accounts = pgTable('accounts', { id: integer().primaryKey(), balance: integer().notNull() })
var bank = defineWorld({
  name: 'bank',
  kinds: { accounts: kind(accounts, { visible: { to: 'nobody' } }) },
  inputs: {
    transfer: {
      args: z2.object({ from: z2.int(), to: z2.int(), amount: z2.int().positive() }),
      apply(tx, { from, to, amount }) {
        const a = tx.accounts.must(from),
          b = tx.accounts.must(to)
        if (a.balance < amount) tx.reject('poor', 'x')
        tx.accounts.update(from, { balance: a.balance - amount })
        tx.accounts.update(to, { balance: b.balance + amount })
      },
    },
  },
  init(tx) {
    for (let id = 0; id < 1e5; id++) tx.accounts.insert({ id, balance: 1e9 })
  },
})
var disk = new MemoryDisk()
var engine = new Engine({
  world: bank,
  store: new MemoryStore(disk, { clock: systemClock }),
  clock: systemClock,
  timers: systemTimers,
  seed: 's',
  owner: 'o',
})
await engine.start()
var zone = await engine.zone('main')
var rng = new Prng(1)
var s = zone.open('p', 'c', { onDurable() {}, onClosed() {} })
for (let round = 0; round < 8; round++) {
  const t0 = process.hrtime.bigint()
  const N = 2e5
  for (let i = 0; i < N; i++) {
    const r = zone.submit(s, s.applied + 1, 0, [rng.below(1e5), rng.below(1e5), 1])
    if (r !== void 0) throw new Error(JSON.stringify(r))
    if (i % 1e3 === 999) await new Promise((r2) => setImmediate(r2))
  }
  console.log(Number(process.hrtime.bigint() - t0) / N / 1e3, 'us per input incl. commit to memory')
}
process.exit(0)
