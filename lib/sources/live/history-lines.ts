import type { Line } from '../../stream/line.ts'
import { makeTicker, tickLine } from '../../stream/ticks.ts'
import type { Provider } from '../providers/provider.ts'
import { pastCandles } from './backfill.ts'
import { linesOf } from './finding-lines.ts'
import type { Loop } from './loops.ts'
import type { Watched } from './watchlist.ts'

const BATCH = 512

interface HistoryPlan {
  followers: readonly Provider[]
  /** Has candles. */
  teller: Provider
  intervalMs: number
  /** How far back for a token that is new. */
  historyMs: number
  tickMs: number
}

/**
 * First looks for the main pool of each token, then for its past candles, and gives all of them in
 * order of event time with the ticks of that time. A token without a pool or without history has
 * none.
 */
export async function* history(plan: HistoryPlan, loop: Loop): AsyncGenerator<Line[]> {
  const { watch, time, signal } = loop
  const found: Line[] = []
  await findPools(plan.followers, loop)
  for (const token of watch.all()) {
    if (signal.aborted) return
    if (token.isOwn && token.pool !== undefined)
      found.push(...(await candlesOf(token, token.pool, plan, loop)))
  }
  const until = time.now()
  found.sort((a, b) => a.rec.ts - b.rec.ts || (a.rec.id < b.rec.id ? -1 : 1))
  const dueTick = makeTicker(plan.tickMs)
  let batch: Line[] = []
  for (const line of found) {
    const due = dueTick(line.rec)
    if (due !== undefined && due <= until) batch.push(tickLine(due))
    batch.push(line)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/**
 * One round through own tokens that have no pool yet. The lines of this look are made again, later,
 * by the loop.
 */
async function findPools(followers: readonly Provider[], loop: Loop): Promise<void> {
  const own = [...loop.watch.all()].filter(({ isOwn, pool }) => isOwn && pool === undefined)
  for (const provider of followers) {
    const { follow } = provider
    const open = own.filter(({ pool }) => pool === undefined)
    for (let from = 0; follow !== undefined && from < open.length; from += follow.batch) {
      if (loop.signal.aborted) return
      const mints = open.slice(from, from + follow.batch).map(({ mint }) => mint)
      for (const { mint, pool, market } of (await loop.asker.ask(
        provider,
        follow.call(mints),
        loop.signal,
      )) ?? []) {
        const token = loop.watch.get(mint)
        if (token !== undefined && market !== undefined)
          loop.watch.saw(token, pool, market, loop.time.now(), 0)
      }
    }
  }
}

async function candlesOf(
  token: Watched,
  pool: string,
  plan: HistoryPlan,
  loop: Loop,
): Promise<Line[]> {
  const { intervalMs, historyMs } = plan
  const now = loop.time.now()
  const from = Math.max(token.candleAt, Math.floor((now - historyMs) / intervalMs) * intervalMs)
  const of = { mint: token.mint, pool, intervalMs, from, until: now }
  const found = await pastCandles(loop.asker, plan.teller, of, loop.signal)
  const last = found.at(-1)?.candle
  token.candleAt =
    last === undefined ? Math.floor(now / intervalMs) * intervalMs : last.openAt + intervalMs
  return found.flatMap(each => linesOf(each, plan.teller.name, loop.time.now(), loop.complain))
}
