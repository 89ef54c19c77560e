import type { Line } from '../../stream/line.ts'
import type { Time } from '../net/budget.ts'
import type { Complaints } from '../net/outside.ts'
import type { Provider } from '../providers/provider.ts'
import type { Asker } from './asker.ts'
import { pastCandles } from './backfill.ts'
import { linesOf } from './finding-lines.ts'
import type { Desk } from './merge-findings.ts'
import type { Cursors } from './state.ts'
import type { Watched, Watchlist } from './watchlist.ts'

/** What every loop needs. A loop runs until the signal fires. */
export interface Loop {
  asker: Asker
  desk: Desk
  watch: Watchlist
  /** How far each address on chain is known: kept by whoever listens to it. */
  cursors: Cursors
  time: Time
  signal: AbortSignal
  complain: Complaints
  put(lines: Line[]): Promise<void>
  /** What is still to be said when a run ends, where anybody asks for it then. */
  atEnd?: (() => Line[])[]
}

/** A quiet loop looks again after so long: something may have been added. */
const IDLE_MS = 500
/** A token that nobody answered for is asked for again after so many intervals. */
const SILENT_TIMES = 4
/** A candle is asked for so long after its end: providers need a moment. */
const CANDLE_DELAY_MS = 20_000

/** Asks for new tokens again and again. */
export async function findLoop(provider: Provider, loop: Loop): Promise<void> {
  const { latest, name } = provider
  if (latest === undefined) return
  while (!loop.signal.aborted) {
    const startedAt = loop.time.now()
    for (const call of latest.calls) {
      const found = await loop.asker.ask(provider, call, loop.signal)
      await loop.put(loop.desk.take(found ?? [], name, latest.everyMs, true))
    }
    await loop.time.sleep(startedAt + latest.everyMs - loop.time.now(), loop.signal)
  }
}

/**
 * Looks at followed tokens in turn; where the first provider fails, the next one is asked for the
 * same tokens.
 */
export async function followLoop(providers: readonly Provider[], loop: Loop): Promise<void> {
  const [first] = providers
  if (first?.follow === undefined) return
  while (!loop.signal.aborted) {
    const due = loop.watch.due(loop.time.now(), first.follow.batch, token => token.nextAt)
    for (const token of due) token.nextAt = loop.time.now() + first.follow.everyMs * SILENT_TIMES
    if (due.length > 0) await look(due, providers, loop)
    else await loop.time.sleep(IDLE_MS, loop.signal)
  }
}

async function look(
  due: readonly Watched[],
  providers: readonly Provider[],
  loop: Loop,
): Promise<void> {
  for (const provider of providers) {
    const { follow, name } = provider
    if (follow === undefined) continue
    let hasAnswer = true
    for (let from = 0; from < due.length; from += follow.batch) {
      const some = due.slice(from, from + follow.batch)
      const call = {
        ...follow.call(some.map(({ mint }) => mint)),
        priority: loop.watch.priority(some, loop.time.now()),
      }
      const found = await loop.asker.ask(provider, call, loop.signal)
      if (found === undefined) hasAnswer = false
      else await loop.put(loop.desk.take(found, name, follow.everyMs, false))
    }
    if (hasAnswer) return
  }
}

/** Asks a provider for the facts of followed tokens, those never asked for first. */
export async function enrichLoop(provider: Provider, loop: Loop): Promise<void> {
  const { enrich, name } = provider
  if (enrich === undefined) return
  while (!loop.signal.aborted) {
    const now = loop.time.now()
    const due = loop.watch.due(now, enrich.batch, token => token.enrichAt.get(name) ?? 0)
    if (due.length === 0) await loop.time.sleep(IDLE_MS, loop.signal)
    else {
      for (const token of due) token.enrichAt.set(name, now + enrich.everyMs)
      for (const call of enrich.calls(due)) {
        const found = await loop.asker.ask(provider, call, loop.signal)
        await loop.put(loop.desk.take(found ?? [], name, enrich.everyMs, false))
      }
    }
  }
}

/** Fetches each candle of own tokens once it has closed. */
export async function candleLoop(
  provider: Provider,
  intervalMs: number,
  loop: Loop,
): Promise<void> {
  const { watch, time, signal, asker, complain } = loop
  while (!signal.aborted) {
    const now = time.now()
    const behind = (token: Watched): number =>
      token.isOwn && token.pool !== undefined
        ? token.candleAt + intervalMs + CANDLE_DELAY_MS
        : Number.POSITIVE_INFINITY
    const [token] = watch.due(now, 1, behind)
    if (token?.pool === undefined) await time.sleep(IDLE_MS, signal)
    else {
      const of = {
        mint: token.mint,
        pool: token.pool,
        intervalMs,
        from: token.candleAt,
        until: now,
      }
      const found = await pastCandles(asker, provider, of, signal)
      // A bar without a trade is never given: the next look is one interval on in any case.
      token.candleAt = Math.max(
        token.candleAt,
        Math.floor((now - CANDLE_DELAY_MS) / intervalMs) * intervalMs,
      )
      await loop.put(found.flatMap(each => linesOf(each, provider.name, time.now(), complain)))
    }
  }
}
