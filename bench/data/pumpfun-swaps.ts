/**
 * PumpSwap swaps of graduated pump.fun tokens → token, trade and market lines with ticks.
 *
 *     node --import tsx bench/data/pumpfun-swaps.ts [floor_capture_sample.jsonl.gz] > swaps.ndjson
 *
 * The recording has no reserves: they are rebuilt by replay-pool.ts, one market line per pool and
 * second, after the last swap of that second. A swap whose SOL amount cannot be its own (about one
 * in six: paid in wrapped SOL, so that only rent and fees were seen) moves the reserves by its
 * tokens but gives no trade line. stderr compares the price that the reserves imply before each
 * swap with the price reported.
 */
import type { Market } from '../../lib/records/market.ts'
import type { Rec } from '../../lib/records/record.ts'
import { makePool } from './replay-pool.ts'
import { inTime, main, median, readText } from './stream.ts'

const WSOL = 'So11111111111111111111111111111111111111112'
const SOURCE = 'pumpfun-swaps'
const POOL = { dex: 'pumpswap', quoteMint: WSOL, baseDecimals: 6, quoteDecimals: 9 }

interface Capture {
  mint: string
  pool: string
  created: number
  supply: number
  swaps: {
    ts: number
    side: 'buy' | 'sell'
    tokens: number
    price: number
    trader?: string
    sig?: string
  }[]
}
interface Tally {
  swaps: number
  trades: number
  /** |implied / reported − 1| of every swap with a price. */
  plain: number[]
  corrected: number[]
}

export async function* convert(path: string, note: (text: string) => void): AsyncGenerator<Rec> {
  const tally: Tally = { swaps: 0, trades: 0, plain: [], corrected: [] }
  const records: Rec[] = []
  for (const line of (await readText(path)).split('\n')) {
    if (line !== '') records.push(...tokenRecords(JSON.parse(line) as Capture, tally))
  }
  yield* inTime(records)
  const { swaps, trades, plain, corrected } = tally
  note(`${swaps} swaps, ${trades} with a credible SOL amount`)
  note(
    `median |implied / reported price − 1|: ${(100 * median(plain)).toFixed(1)} % by x·y=k alone`,
  )
  note(
    `${(100 * median(corrected)).toFixed(1)} % one swap ahead, reserves corrected by each ` +
      'credible price',
  )
}

function* tokenRecords(
  { mint, pool, created, supply, swaps }: Capture,
  tally: Tally,
): Generator<Rec> {
  if (swaps.length === 0) return
  const openAt = created * 1000
  const envelope = { mint, pool, source: SOURCE }
  yield {
    v: 1,
    id: `token:${mint}:${SOURCE}:${openAt}`,
    ts: openAt,
    kind: 'token',
    ...envelope,
    token: { decimals: 6, supplyAmount: units(supply, 6), launchpad: 'pump.fun' },
  }
  const [plain, corrected] = [makePool(false), makePool(true)]
  const seen = new Map<string, number>()
  for (const [i, swap] of swaps.entries()) {
    const ts = Math.max(swap.ts * 1000, openAt)
    tally.swaps++
    const alone = plain.swap(swap)
    const found = corrected.swap(swap)
    if (swap.price > 0 && alone) tally.plain.push(Math.abs(alone.implied / swap.price - 1))
    if (swap.price > 0 && found) tally.corrected.push(Math.abs(found.implied / swap.price - 1))
    if (found?.isCredible) {
      // Later swaps of a capture come without signature: their place in the second names them.
      const name = swap.sig ?? `${pool}-${ts}`
      const nth = seen.get(name) ?? 0
      seen.set(name, nth + 1)
      tally.trades++
      yield {
        v: 1,
        id: `trade:${name}:0.${nth}`,
        ts,
        kind: 'trade',
        ...envelope,
        trade: tradeOf(swap),
      }
    }
    if (swaps[i + 1]?.ts === swap.ts) continue
    const id = `market:${pool}:${SOURCE}:${ts}`
    yield {
      v: 1,
      id,
      ts,
      kind: 'market',
      ...envelope,
      market: marketOf(corrected.reserves(), openAt),
    }
  }
}

function tradeOf({
  side,
  tokens,
  price,
  trader,
  sig,
}: Capture['swaps'][number]): NonNullable<Rec['trade']> {
  return {
    ...POOL,
    side,
    ...(trader === undefined ? {} : { wallet: trader }),
    baseAmount: units(tokens, 6),
    // Tokens times price: the SOL amount itself is rounded to four decimals.
    quoteAmount: units(tokens * price, 9),
    priceSol: price,
    ...(sig === undefined ? {} : { signature: sig }),
  }
}

function marketOf({ base, quote }: { base: number; quote: number }, openAt: number): Market {
  return {
    ...POOL,
    isOpen: true,
    openAt,
    baseAmount: units(base, 6),
    quoteAmount: units(quote, 9),
    priceSol: quote / base,
  }
}

const units = (whole: number, decimals: number): string =>
  String(BigInt(Math.round(whole * 10 ** decimals)))

await main(
  import.meta.url,
  'pumpfun-2026-candles-swaps-labels/floor_capture_sample.jsonl.gz',
  convert,
)
