import { crc32 } from 'node:zlib'

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
/** Hexadecimal digits of a 16-bit number, made once: a line has four or six of them. */
const HEX = Array.from({ length: 65_536 }, (_, i) => i.toString(16).padStart(4, '0'))

const hex = (n: number): string => HEX[n >>> 16]! + HEX[n & 65_535]!

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

/** From the start of a file, or with `from` behind a line of that chain. */
export function makeChecker(from?: number): Checker {
  let chain = from
  let start: number | undefined
  let unsealed = 0
  let lines = 0
  const judge = ({ own, chain: said, start: head }: Seal, found: number): Damage | undefined => {
    const before = chain ?? head
    const hasStart = chain === undefined
    if (hasStart) start = head
    chain = said
    if (own !== found) return 'changed'
    if (before === undefined) return 'no-start'
    if (hasStart && lines > 0 && before !== unsealed) return 'broken-chain'
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

/** A sealer for what is written behind the lines that a checker has seen, in the same file. */
export const sealerAfter = (checker: Checker, before: number): Sealer => {
  const chain = checker.chain()
  return chain === undefined
    ? makeSealer(checker.unsealed() || before, true)
    : makeSealer(chain, false)
}
