import { milliseconds } from '../../base/flags.ts'
import { pairOf } from './pair.ts'

/** What the name of a price file says. */
interface FileName {
  /** The pair as the file spells it, or whatever else the file is called. */
  symbol: string
  /** Length of its bars in ms; absent when the name does not say. */
  intervalMs: number | undefined
}

const ENDS = /(\.(csv|tsv|txt|json|ndjson|jsonl|parquet|feather|arrow))?(\.(gz|zst|zip))?$/i
const INTERVAL = /[-_](\d{1,3}[smhdw]|1[DW]|1M|1mo)(?=[-_]|$)/
/** Kraken writes lengths as minutes, of these bars: `XBTUSD_60.csv`. */
const MINUTES = /_(1|5|15|30|60|240|720|1440)$/
/** Exchanges publish a file for each month or day. */
const PERIOD = /[-_]\d{4}-\d\d(-\d\d)?(?=[-_]|$)/
/** A year alone is one only in a name that tells the length of its bars, too. */
const YEAR = /[-_](?:19|20)\d\d(?=[-_]|$)/
/** What freqtrade keeps beside candles: other numbers of the same pair. */
const OTHER = /-(mark|index|premiumIndex|funding_rate)$/

/**
 * `data/BTCUSDT.csv.gz`, `SOL_USDT-5m.feather`, `SOLUSDT-5m-2024-12.csv`, `XBTUSD_60.csv`,
 * `SOL_USDT_USDT-5m-futures.feather`: pair, length of the bars and month. Months of one pair are
 * one instrument, and so is the pair however its name is spelled. What is left of a name that has
 * an interval need not be a pair: `WIF-5m.csv` is WIF.
 */
export function readFileName(path: string): FileName {
  const whole = path.slice(path.lastIndexOf('/') + 1).replace(ENDS, '')
  const minutes = MINUTES.exec(whole)
  if (minutes !== null && pairOf(whole.slice(0, minutes.index)) !== undefined)
    return { symbol: whole.slice(0, minutes.index), intervalMs: Number(minutes[1]) * 60_000 }
  const interval = INTERVAL.exec(whole)?.[1]
  const rest = whole
    .replace(PERIOD, '')
    .replace(interval === undefined ? /$/ : YEAR, '')
    .replace(INTERVAL, '')
    .replace(/-spot$/, '')
  // A month alone may belong to a name that means something else.
  const isOther =
    OTHER.test(whole) || rest === '' || (interval === undefined && pairOf(rest) === undefined)
  return isOther
    ? { symbol: whole, intervalMs: undefined }
    : { symbol: rest, intervalMs: lengthOf(interval) }
}

/** Months have no one length. */
const lengthOf = (text: string | undefined): number | undefined =>
  text === undefined || text.startsWith('1M') || text === '1mo'
    ? undefined
    : /w$/i.test(text)
      ? Number(text.slice(0, -1)) * 604_800_000
      : milliseconds(text.toLowerCase())
