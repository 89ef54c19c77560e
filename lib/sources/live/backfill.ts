import { mostFlatBars } from '../../market/flat-bars.ts'
import type { Finding } from '../providers/finding.ts'
import type { Provider } from '../providers/provider.ts'
import type { Asker } from './asker.ts'

/** Pages that are asked for at most: 30,000 bars. */
const MAX_PAGES = 30

/**
 * Candles of a pool from `from` until now, oldest first, gaps filled with flat bars as those of
 * live candles are. What a provider does not have is not there; an answer that fails ends it early.
 */
export async function pastCandles(
  asker: Asker,
  provider: Provider,
  of: { mint: string; pool: string; intervalMs: number; from: number; until: number },
  signal: AbortSignal,
): Promise<Finding[]> {
  const { history } = provider
  if (history === undefined) return []
  const { from, until, intervalMs, ...token } = of
  const pages: Finding[][] = []
  let before = until
  for (let page = 0; page < MAX_PAGES && before > from; page++) {
    const most = Math.min(history.most, Math.ceil((before - from) / intervalMs) + 1)
    const found = await asker.ask(
      provider,
      history.call({ ...token, intervalMs, before, most }),
      signal,
    )
    const first = found?.[0]?.candle
    if (found === undefined || first === undefined || first.openAt >= before) break
    pages.unshift(found)
    before = first.openAt
    // A page that is not full was the last one.
    if (found.length < most - 1) break
  }
  return filled(
    pages.flat().filter(({ candle }) => candle !== undefined && candle.openAt >= from),
    intervalMs,
  )
}

/** Puts flat bars where nobody traded. */
function filled(found: readonly Finding[], intervalMs: number): Finding[] {
  const out: Finding[] = []
  for (const next of found) {
    const last = out.at(-1)?.candle
    if (last !== undefined && next.candle !== undefined) {
      const until = Math.min(
        next.candle.openAt,
        last.openAt + (1 + mostFlatBars(intervalMs)) * intervalMs,
      )
      for (let openAt = last.openAt + intervalMs; openAt < until; openAt += intervalMs) {
        const { close } = last
        const flat = {
          ...last,
          openAt,
          open: close,
          high: close,
          low: close,
          volume: 0,
          filled: true,
        }
        out.push({ ...next, ts: openAt + intervalMs, candle: flat })
      }
    }
    out.push(next)
  }
  return out
}
