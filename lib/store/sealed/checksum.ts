import { crc32 } from 'node:zlib'
import { spanOf } from '../../stream/span.ts'

/**
 * The last key of a stored line, `"checksum":"` + 8 hexadecimal digits of its own + 8 of the chain.
 * Its own is CRC-32 (IEEE 802.3) of the line without that key, the closing brace left out; the
 * chain mixes it into that of the line before. The first line with one in a file goes on with
 * `.` + 8 digits: where the chain starts, that is where the file before ended, or the CRC-32 of the
 * lines without checksums that stand before it here.
 *
 * It notices damage and edits by hand. It is no signature: who knows this can make another.
 */
interface Seal {
  own: number
  chain: number
  /** Of the first line only. */
  start: number | undefined
}

const KEY = ',"checksum":"'
const REST = /^([0-9a-f]{8})([0-9a-f]{8})(?:\.([0-9a-f]{8}))?"(\}\s*)$/
/** What stands behind the digits of nearly every line. */
const PLAIN = '}'
const hex = (n: number): string => n.toString(16).padStart(8, '0')

/** The chain behind a line: order counts, and every bit of both goes everywhere (MurmurHash3). */
function link(chain: number, own: number): number {
  const a = Math.imul(chain ^ 0x9e3779b9, 0x85ebca6b) ^ own
  const b = Math.imul(a ^ (a >>> 16), 0xc2b2ae35)
  return (b ^ (b >>> 13)) >>> 0
}

/**
 * Checksum of a line by itself: `before` is its text up to its last brace, `rest` from there on.
 */
function ownOf(before: string | Uint8Array, rest: string): number {
  const sum = crc32(before)
  return rest === PLAIN ? sum : crc32(rest, sum)
}

/** Puts checksums on lines as they are stored. */
export interface Sealer {
  /** What to write before the last brace of the next line, whose own checksum is given. */
  next(own: number): string
  /** Takes one more line into the chain, which is not the first of its file. */
  link(own: number): number
  /** Nothing has a checksum yet: the next line also says where the chain starts. */
  isFirst(): boolean
  /** The chain behind the last line. */
  chain(): number
  /** Another that goes on from here: for lines that may not get written. */
  fork(): Sealer
}

/** A chain that starts at `start`, or goes on behind the last line of a file (`isFirst` false). */
function makeSealer(start: number, isFirst: boolean): Sealer {
  let chain = start
  let isHead = isFirst
  return {
    next(own) {
      const head = isHead ? `.${hex(chain)}` : ''
      isHead = false
      chain = link(chain, own)
      return `${KEY}${hex(own)}${hex(chain)}${head}"`
    },
    link: own => (chain = link(chain, own)),
    isFirst: () => isHead,
    chain: () => chain,
    fork: () => makeSealer(chain, isHead),
  }
}

/** A line as it is stored. */
export function sealLine(sealer: Sealer, raw: string): string {
  const at = raw.lastIndexOf('}')
  const [before, rest] = [raw.slice(0, at), raw.slice(at)]
  return before + sealer.next(ownOf(before, rest)) + rest
}

interface Unsealed {
  /** The line as it came to its writer, byte for byte. */
  text: string
  /** Where the checksum stands in the stored line; its length where there is none. */
  at: number
  seal: Seal | undefined
}

/** Takes the checksum off a stored line; nothing else is looked at. */
export function unseal(raw: string): Unsealed {
  const at = raw.lastIndexOf(KEY)
  const found = at < 0 ? null : REST.exec(raw.slice(at + KEY.length))
  if (found === null) return { text: raw, at: raw.length, seal: undefined }
  const [, own = '', chain = '', start, rest = ''] = found
  const seal = { own: fromHex(own), chain: fromHex(chain), start: start && fromHex(start) }
  return { text: raw.slice(0, at) + rest, at, seal: seal as Seal }
}

const fromHex = (digits: string): number => Number.parseInt(digits, 16)

/** What is wrong with a stored line. */
type Damage = 'changed' | 'broken-chain' | 'no-checksum' | 'no-start'

/** What each means. */
export const DAMAGES: Record<Damage, string> = {
  changed: 'it was changed: its checksum is that of another text',
  'broken-chain': 'it does not follow the line before: lines were removed, doubled or moved there',
  'no-checksum': 'it has no checksum, although lines before it have one',
  'no-start': 'the lines before it are gone: the chain does not start here',
}

/** Follows the chain of a file, line by line. */
export interface Checker {
  /**
   * The next stored line. `bytes` are its bytes where they are at hand: a text may stand for others
   * that are no UTF-8.
   */
  take(raw: string, bytes?: Uint8Array): { text: string; damage: Damage | undefined }
  /** The chain behind the last line; undefined where no line had a checksum. */
  chain(): number | undefined
  /** CRC-32 of the lines so far, where none had a checksum. */
  unsealed(): number
  /** Start of the chain as the first line with a checksum has it. */
  start(): number | undefined
}

/**
 * From the start of a file, or from within: behind the line that `stored` is, or with `''` behind
 * one that nobody has looked at.
 */
export function makeChecker(stored?: string): Checker {
  const isWithin = stored !== undefined
  let chain = isWithin ? unseal(stored).seal?.chain : undefined
  let start: number | undefined
  let unsealed = 0
  let lines = 0
  const judge = ({ own, chain: said, start: head }: Seal, found: number): Damage | undefined => {
    const before = chain ?? head
    const hasStart = chain === undefined
    if (hasStart) start = head
    chain = said
    if (own !== found) return 'changed'
    if (before === undefined) return isWithin ? undefined : 'no-start'
    if (hasStart && !isWithin && lines > 0 && before !== unsealed) return 'broken-chain'
    const isNext = said === link(before, own) && (hasStart || head === undefined)
    return isNext ? undefined : 'broken-chain'
  }
  return {
    take(raw, bytes) {
      const { text, at, seal } = unseal(raw)
      if (seal !== undefined) {
        const rest = text.slice(at)
        const before = bytes?.subarray(0, bytes.length - (raw.length - at)) ?? raw.slice(0, at)
        return { text, damage: judge(seal, ownOf(before, rest)) }
      }
      if (chain !== undefined) return { text, damage: 'no-checksum' }
      unsealed = crc32('\n', crc32(bytes ?? raw, unsealed))
      lines++
      return { text, damage: undefined }
    },
    chain: () => chain,
    unsealed: () => unsealed,
    start: () => start,
  }
}

/**
 * Stored lines as bytes, newlines included. Nearly all of them are copied once, with room behind
 * them: their last brace turns into the comma before the key, which is then written into the room.
 */
export function sealAll(sealer: Sealer, texts: readonly string[]): Buffer {
  const pieces: Buffer[] = []
  let run = ''
  let lengths: number[] = []
  const flush = (): void => {
    if (run !== '') pieces.push(sealRun(sealer, run, lengths))
    run = ''
    lengths = []
  }
  for (const [i, raw] of texts.entries()) {
    if (raw.endsWith(PLAIN) && !(i === 0 && sealer.isFirst())) {
      run += raw + ROOM
      lengths.push(raw.length)
    } else {
      flush()
      pieces.push(Buffer.from(`${sealLine(sealer, raw)}\n`))
    }
  }
  flush()
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
}

const ROOM = `${KEY.slice(1)}${'.'.repeat(16)}"}\n`

/** Lines with room behind each; `lengths` are theirs in UTF-16 units. */
function sealRun(sealer: Sealer, run: string, lengths: readonly number[]): Buffer {
  const bytes = Buffer.from(run)
  const isAscii = bytes.length === run.length
  let from = 0
  for (const length of lengths) {
    const end = isAscii ? from + length : bytes.indexOf(10, from) + 1 - ROOM.length
    const own = crc32(bytes.subarray(from, end - 1))
    const chain = sealer.link(own)
    bytes[end - 1] = COMMA
    const digits = end + KEY.length - 1
    writeHex(bytes, own, digits)
    writeHex(bytes, chain, digits + 8)
    from = end + ROOM.length
  }
  return bytes
}

const COMMA = 44
/** Two hexadecimal digits of a byte as two bytes. */
const PAIRS = Uint16Array.from({ length: 256 }, (_, i) => {
  const text = i.toString(16).padStart(2, '0')
  return (text.charCodeAt(0) << 8) | text.charCodeAt(1)
})

function writeHex(bytes: Uint8Array, n: number, at: number): void {
  for (let i = 0; i < 4; i++) {
    const pair = PAIRS[(n >>> (24 - 8 * i)) & 255]!
    bytes[at + 2 * i] = pair >>> 8
    bytes[at + 2 * i + 1] = pair & 255
  }
}

/**
 * Takes the checksum of another file off a line, wherever it stands, so that no key is there twice;
 * a value that is no checksum of ours stays.
 */
export function withoutForeign(raw: string): string {
  const [from, to] = spanOf(raw, 'checksum')
  const at = raw.lastIndexOf('"checksum"', from)
  if (at < 0 || !/^"[0-9a-f]{16}(\.[0-9a-f]{8})?"$/.test(raw.slice(from, to))) return raw
  const before = raw.slice(0, at).trimEnd()
  return before.endsWith(',')
    ? before.slice(0, -1) + raw.slice(to)
    : before + raw.slice(to).replace(/^\s*,/, '')
}

/** A sealer for what is written behind the lines that a checker has seen, in the same file. */
export const sealerAfter = (checker: Checker, before: number): Sealer => {
  const chain = checker.chain()
  return chain === undefined
    ? makeSealer(checker.unsealed() || before, true)
    : makeSealer(chain, false)
}
