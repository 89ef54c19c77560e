import { registry } from '../../cmd/registry.ts'
import type { Command } from '../../lib/cli/command.ts'
import { prepare } from '../../lib/cli/prepare.ts'
import type { FeatureSet } from '../../lib/records/features.ts'
import type { Rec } from '../../lib/records/record.ts'

export const HOUR = 60 * 60_000
/** What a high of the next hour must reach for the label `profitable`. */
export const GAIN = 1.03
const BARS = 12
const QUARTER = 15 * 60_000
export const FILE = new URL(
  '../../../shared/data/binance-5m-2024-07/5m-pairs.csv.gz',
  import.meta.url,
).pathname

/** A row whose hour has not passed. */
interface Waiting {
  bars: number
  row: number
  close: number
  high: number
}

/**
 * Sends 5-minute candles through `discover --source ohlcv | features --sets sequence`, so that
 * features are those of serving, and offers one line per pair and quarter of an hour to `keep`,
 * which says whether it took it. Returns per row taken the highest price of the next 12 bars over
 * the close, less 1; NaN where the recording ends before.
 */
export async function sequenceRows(
  file: string,
  keep: (rec: Rec, set: FeatureSet) => boolean,
): Promise<number[]> {
  const gain: number[] = []
  const waiting = new Map<string, Waiting[]>()
  await eachLine(file, rec => {
    const { candle, mint } = rec
    if (candle === undefined || mint === undefined) return
    const open = waiting.get(mint) ?? []
    for (const each of open) {
      each.bars++
      each.high = Math.max(each.high, candle.high)
      if (each.bars === BARS) gain[each.row] = each.high / each.close - 1
    }
    const left = open.filter(each => each.bars < BARS)
    const set = rec.features?.sequence
    if (rec.ts % QUARTER === 0 && set !== undefined && keep(rec, set))
      left.push({ bars: 0, row: gain.push(Number.NaN) - 1, close: candle.close, high: 0 })
    waiting.set(mint, left)
  })
  return gain
}

async function eachLine(file: string, take: (rec: Rec) => void): Promise<void> {
  const around = {
    env: process.env,
    commands: [],
    signal: new AbortController().signal,
    isDeterministic: true,
  }
  const open = async (name: string, argv: string[]) => {
    const command: Command = (await registry[name]!()).default
    return prepare(command, argv, around)
  }
  const discover = await open('discover', ['--source', 'ohlcv', '--interval', '5m', file])
  const features = await open('features', ['--sets', 'sequence', '--every', '0'])
  if (discover.command.kind !== 'source' || features.command.kind !== 'step')
    throw new Error('unexpected kind of command')
  const source = await discover.command.make(discover.ctx)
  const step = await features.command.make(features.ctx)
  for await (const batch of source.lines(around.signal))
    for (const line of batch) step.line!(line, emitted => take(emitted.rec))
  await source.close?.()
  await step.close?.()
}
