import { messageOf } from '../base/errors.ts'
import { defaultsOf } from '../base/flags.ts'
import { makeRng } from '../base/rng.ts'
import type { Rec } from '../records/record.ts'
import type { Bar, Strategy } from '../strategy/bar-strategy.ts'
import { makeOpine } from '../strategy/opine.ts'
import {
  busiestMint,
  type Law,
  orderDifference,
  prefixDifference,
  replayDifference,
  throughStep,
} from './stream-laws.ts'

const MINUTE = 60_000

/**
 * The laws of a strategy over lines with candles. `guarded` is what runs in a pipeline, whose
 * opinions are held to their schema; `bare` is handed bars that nobody may change.
 */
export function strategyLaws(
  { bare, guarded }: { bare: Strategy; guarded: Strategy },
  raws: readonly string[],
  cuts: readonly number[],
): Law[] {
  const flags = defaultsOf(guarded.flags ?? {})
  const run = throughStep(() => makeOpine([guarded], 1000, () => undefined, flags))
  const mint = busiestMint(raws)
  return [
    {
      law: 'says',
      difference: async () =>
        (await run(raws)).some((raw, i) => raw !== raws[i])
          ? undefined
          : 'says nothing on all of these bars: nothing could be held to the other laws',
    },
    { law: 'replay', difference: () => replayDifference(run, raws) },
    { law: 'prefix', difference: () => prefixDifference(run, raws, cuts) },
    {
      law: 'order',
      difference: () => (mint === undefined ? undefined : orderDifference(run, raws, mint)),
    },
    { law: 'bars', difference: () => changedBar(bare, raws) },
  ]
}

function changedBar(strategy: Strategy, raws: readonly string[]): string | undefined {
  const { update } = strategy.make(defaultsOf(strategy.flags ?? {}))
  for (const [i, raw] of raws.entries()) {
    const { candle, ts } = JSON.parse(raw) as Rec
    if (candle === undefined) continue
    try {
      update(Object.freeze(candle) as Bar, ts)
    } catch (error) {
      return `bar ${i + 1}, which must not be changed: ${messageOf(error)}`
    }
  }
  return undefined
}

/**
 * Candles of three tokens: walks with quiet and wild times, bars without volume, of one price, of
 * dust and of giants, and gaps of time.
 */
export function hostileCandles(seed: string, bars = 1500): string[] {
  const rng = makeRng(seed)
  const price = [1e-6, 1, 1e-12]
  let ts = 1_763_683_200_000
  return Array.from({ length: bars }, (_, i) => {
    const k = rng.below(3)
    const open = price[k]!
    const wild = rng.below(50) === 0 ? 2 : 0.03
    const close = rng.below(20) === 0 ? open : open * Math.exp(wild * rng.normal())
    const [top, bottom] = [Math.max(open, close), Math.min(open, close)]
    const isFlat = rng.below(15) === 0
    ts += (rng.below(40) === 0 ? 50 : 1) * 2 * MINUTE
    price[k] = rng.below(200) === 0 ? [0, 1e-300, 1e300, 1e-12][rng.below(4)]! : close
    const candle = {
      intervalMs: 5 * MINUTE,
      openAt: ts - 5 * MINUTE,
      open,
      high: isFlat ? top : top * (1 + 0.01 * rng.next()),
      low: isFlat ? bottom : bottom * (1 - 0.01 * rng.next()),
      close,
      volume: rng.below(10) === 0 ? 0 : rng.exponential(1000),
      trades: rng.below(50),
      currency: 'sol',
    }
    const [id, mint, pool] = [`candle:${i}`, `TOKEN${k}`, `POOL${k}`]
    return JSON.stringify({ v: 1, id, ts, kind: 'candle', source: 'verify', mint, pool, candle })
  })
}
