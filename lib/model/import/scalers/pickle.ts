import { DataError, show } from '../../../base/errors.ts'

/**
 * What a pickle may hold here: plain values, and objects of allowed classes as the data they were
 * built from.
 */
export interface Built {
  class: string
  args: unknown[]
  state?: unknown
}
const MARK = Symbol('mark')

/**
 * Reads a pickle (protocols 0–5, binary opcodes) as data; nothing is ever called. A class on the
 * allow-list becomes a `Built` record, an array that joblib put into the stream becomes one of
 * numpy. Any other class is refused, and so is every opcode that data does not need. Throws
 * DataError naming the position.
 */
export const readPickle = (bytes: Uint8Array, allowed: Allowed): unknown =>
  readNext(makeReader(bytes), allowed)

/** Classes that may be in a pickle, and what else to say of another one. */
interface Allowed {
  classes: ReadonlySet<string>
  adviceOn?(name: string): string
}

/** One pickle from where the reader stands; joblib writes some inside others. */
function readNext(reader: Reader, allowed: Allowed): unknown {
  const stack: unknown[] = []
  const memo = new Map<number, unknown>()
  for (;;) {
    const at = reader.position()
    const code = reader.byte()
    if (code === 0x2e) return pop(stack, at)
    const act = OPCODES[code]
    if (act === undefined)
      throw new DataError(
        `opcode 0x${code.toString(16)} at byte ${at} does more than hold data; the pickle is ` +
          'refused',
      )
    act({ reader, stack, memo, allowed, at })
  }
}

interface State {
  reader: Reader
  stack: unknown[]
  memo: Map<number, unknown>
  allowed: Allowed
  at: number
}

function pop(stack: unknown[], at: number): unknown {
  if (stack.length === 0) throw new DataError(`the stack is empty at byte ${at}; not a pickle`)
  return stack.pop()
}

function popMark({ stack, at }: State): unknown[] {
  const from = stack.lastIndexOf(MARK)
  if (from < 0) throw new DataError(`no mark before byte ${at}; not a pickle`)
  const items = stack.splice(from)
  return items.slice(1)
}

function top<T>({ stack, at }: State, is: (value: unknown) => value is T, what: string): T {
  const value = stack.at(-1)
  if (!is(value)) throw new DataError(`expected ${what} before byte ${at}`)
  return value
}
const isList = (value: unknown): value is unknown[] => Array.isArray(value)
const isMap = (value: unknown): value is Map<unknown, unknown> => value instanceof Map
const isBuilt = (value: unknown): value is Built =>
  typeof value === 'object' && value !== null && 'class' in value

function global(state: State, module: string, name: string): void {
  const full = `${module}.${name}`
  const { classes, adviceOn } = state.allowed
  if (!classes.has(full))
    throw new DataError(
      `class ${show(full)} at byte ${state.at} is not on the allow-list; the pickle is refused` +
        (adviceOn?.(full) ?? ''),
    )
  state.stack.push({ class: full, args: [] } satisfies Built)
}

function construct(state: State): void {
  const args = pop(state.stack, state.at)
  const made = pop(state.stack, state.at)
  if (!isBuilt(made) || !isList(args))
    throw new DataError(`expected a class and its arguments before byte ${state.at}`)
  state.stack.push({ class: made.class, args } satisfies Built)
}

function build(state: State): void {
  const value = pop(state.stack, state.at)
  const made = top(state, isBuilt, 'an object')
  made.state = value
  if (made.class === JOBLIB_ARRAY) state.stack[state.stack.length - 1] = joblibArray(state, value)
}

/**
 * What joblib.dump leaves where an array was; the numbers follow it, outside of the pickle's own
 * opcodes.
 */
const JOBLIB_ARRAY = 'joblib.numpy_pickle.NumpyArrayWrapper'

/**
 * Reads those numbers: padded to an alignment, or for an array of objects a pickle of its own
 * (joblib.numpy_pickle).
 */
function joblibArray({ reader, allowed, at }: State, value: unknown): unknown {
  const wrapper = isMap(value) ? value : new Map()
  const [shape, type] = [wrapper.get('shape'), wrapper.get('dtype')]
  const code = isBuilt(type) ? String(type.args[0]) : ''
  if (code.startsWith('O')) return readNext(reader, allowed)
  const size = Number(code.replace(/^[<>|=]?[a-zA-Z]/, ''))
  if (
    !isList(shape) ||
    !shape.every(side => Number.isSafeInteger(side) && (side as number) >= 0) ||
    !(size > 0)
  )
    throw new DataError(`an array without shape or type before byte ${at}`)
  if (wrapper.get('numpy_array_alignment_bytes') !== undefined) reader.raw(reader.byte())
  const count = (shape as number[]).reduce((product, side) => product * side, 1)
  return {
    class: 'numpy.ndarray',
    args: [],
    state: [1, shape, type, false, reader.raw(count * size)],
  } satisfies Built
}

function setItems(state: State, items: unknown[]): void {
  const map = top(state, isMap, 'a dict')
  for (let i = 0; i + 1 < items.length; i += 2) map.set(items[i], items[i + 1])
}

function put({ stack, memo, at }: State, key: number): void {
  if (stack.length === 0) throw new DataError(`nothing to remember at byte ${at}`)
  memo.set(key, stack.at(-1))
}

function get({ stack, memo, at }: State, key: number): void {
  if (!memo.has(key)) throw new DataError(`unknown memo ${key} at byte ${at}`)
  stack.push(memo.get(key))
}

const take = (state: State, count: number): unknown[] =>
  Array.from({ length: count }, () => pop(state.stack, state.at)).reverse()

const pushed = (read: (reader: Reader) => unknown) => (state: State) =>
  void state.stack.push(read(state.reader))

/** Opcodes of CPython's pickletools that only hold data. */
const OPCODES: Record<number, (state: State) => void> = {
  128: ({ reader }) => void reader.byte(),
  149: ({ reader }) => void reader.length(8),
  40: ({ stack }) => void stack.push(MARK),
  78: pushed(() => undefined),
  136: pushed(() => true),
  137: pushed(() => false),
  75: pushed(reader => reader.byte()),
  77: pushed(reader => reader.uint(2)),
  74: pushed(reader => reader.uint(4) | 0),
  138: pushed(reader => reader.long(reader.byte())),
  71: pushed(reader => reader.double()),
  140: pushed(reader => reader.text(reader.byte())),
  88: pushed(reader => reader.text(reader.uint(4))),
  141: pushed(reader => reader.text(reader.length(8))),
  67: pushed(reader => reader.raw(reader.byte())),
  66: pushed(reader => reader.raw(reader.uint(4))),
  142: pushed(reader => reader.raw(reader.length(8))),
  150: pushed(reader => reader.raw(reader.length(8))),
  93: pushed(() => []),
  125: pushed(() => new Map()),
  41: pushed(() => []),
  133: state => void state.stack.push(take(state, 1)),
  134: state => void state.stack.push(take(state, 2)),
  135: state => void state.stack.push(take(state, 3)),
  116: state => void state.stack.push(popMark(state)),
  101: state => {
    const items = popMark(state)
    top(state, isList, 'a list').push(...items)
  },
  97: state => {
    const item = pop(state.stack, state.at)
    top(state, isList, 'a list').push(item)
  },
  115: state => setItems(state, take(state, 2)),
  117: state => setItems(state, popMark(state)),
  148: state => put(state, state.memo.size),
  113: state => put(state, state.reader.byte()),
  114: state => put(state, state.reader.uint(4)),
  104: state => get(state, state.reader.byte()),
  106: state => get(state, state.reader.uint(4)),
  99: state => global(state, state.reader.line(), state.reader.line()),
  147: state => {
    const [module, name] = take(state, 2)
    global(state, String(module), String(name))
  },
  82: construct,
  129: construct,
  98: build,
}

interface Reader {
  position(): number
  byte(): number
  uint(size: 2 | 4): number
  /** A length that cannot be larger than the file. */
  length(size: 8): number
  long(size: number): number
  double(): number
  text(size: number): string
  raw(size: number): Uint8Array
  line(): string
}

function makeReader(bytes: Uint8Array): Reader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const step = (size: number): number => {
    if (at + size > buffer.length)
      throw new DataError(
        `the pickle ends at byte ${buffer.length}, inside a value that starts at ${at}: truncated`,
      )
    at += size
    return at - size
  }
  const raw = (size: number): Uint8Array => Uint8Array.from(buffer.subarray(step(size), at))
  return {
    position: () => at,
    byte: () => buffer.readUInt8(step(1)),
    uint: size => (size === 2 ? buffer.readUInt16LE(step(2)) : buffer.readUInt32LE(step(4))),
    length: () => Number(buffer.readBigUInt64LE(step(8))),
    long(size) {
      if (size > 8) throw new DataError(`whole number of ${size} bytes at byte ${at}`)
      return size === 0
        ? 0
        : Number(
            BigInt.asIntN(
              8 * size,
              BigInt(`0x${Buffer.from(raw(size)).reverse().toString('hex')}`),
            ),
          )
    },
    double: () => buffer.readDoubleBE(step(8)),
    text: size => Buffer.from(raw(size)).toString('utf8'),
    raw,
    line() {
      const end = buffer.indexOf(10, at)
      if (end < 0) throw new DataError(`a line at byte ${at} does not end: truncated`)
      const text = buffer.toString('utf8', at, end)
      at = end + 1
      return text
    },
  }
}
