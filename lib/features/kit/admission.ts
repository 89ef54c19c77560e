import { ABSURD } from '../../market/bar.ts'
import type { Rec } from '../../records/record.ts'
import type { StateTape } from './state-tape.ts'

/** Token amounts are 64 bits on chain: 20 digits. */
const MOST_DIGITS = 20
/** Trades of a token that one is compared with. */
const REMEMBERED = 64

/** What comes between a token’s lines and its features. */
interface Admission {
  /**
   * False for a trade seen before and for a trade or snapshot with an impossible number: counted,
   * and not used.
   */
  admits(rec: Rec): boolean
  visit(tape: StateTape): void
}

/**
 * Recognises repeated trades by id among the last 64 of the token; a trade older than the newest is
 * counted and used.
 */
export function makeAdmission(count: (what: string) => void): Admission {
  let seen: Float64Array | undefined
  let trades = 0
  let newest = Number.NEGATIVE_INFINITY

  const isRepeated = ({ id, ts }: Rec): boolean => {
    seen ??= new Float64Array(REMEMBERED)
    const hash = idHash(id)
    if (seen.includes(hash)) return true
    seen[trades++ % REMEMBERED] = hash
    if (ts < newest) count('late trade')
    else newest = ts
    return false
  }
  const refuse = (why: string): false => {
    count(why)
    return false
  }
  return {
    admits: rec => {
      const { kind, trade, market } = rec
      if (kind === 'market') return market === undefined || isPossible(market) || refuse('unusable')
      if (kind !== 'trade' || trade === undefined) return true
      if (!isPossible(trade)) return refuse('unusable')
      return !isRepeated(rec) || refuse('duplicate trade')
    },
    visit: tape => {
      newest = tape.number(newest)
      trades = tape.number(trades)
      if (trades === 0) return
      seen ??= new Float64Array(REMEMBERED)
      tape.floats(seen)
    },
  }
}

const isNumber = (x: number | undefined): boolean => x === undefined || x < ABSURD
const isAmount = (x: string | undefined): boolean => x === undefined || x.length <= MOST_DIGITS

/**
 * What trades and market lines have in common; a market’s volumes by span are judged where they are
 * used.
 */
interface Figures {
  priceSol?: number
  priceUsd?: number
  liquidityUsd?: number
  volumeUsd?: number | Record<string, number>
  baseAmount?: string
  quoteAmount?: string
}

function isPossible(part: Figures): boolean {
  return (
    isNumber(part.priceSol) &&
    isNumber(part.priceUsd) &&
    isNumber(part.liquidityUsd) &&
    (typeof part.volumeUsd === 'object' || isNumber(part.volumeUsd)) &&
    isAmount(part.baseAmount) &&
    isAmount(part.quoteAmount)
  )
}

/**
 * 53 bits of an id, to recognise a line that comes twice without keeping its text: an id per pool
 * that is replaced with every line would fill the old generation of the heap with garbage. Two
 * FNV-1a style lanes; 0 is no id.
 */
export function idHash(id: string): number {
  let a = 0x811c9dc5
  let b = 0x9e3779b9
  for (let i = 0; i < id.length; i++) {
    const c = id.charCodeAt(i)
    a = Math.imul(a ^ c, 0x01000193)
    b = Math.imul(b ^ c, 0x85ebca6b)
    b ^= b >>> 15
  }
  return (a >>> 0) * 2 ** 21 + (b >>> 11) + 1
}
