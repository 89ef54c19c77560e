import { DataError } from '../../base/errors.ts'
import { pricePaid, wholeTokens } from '../../market/ratio.ts'
import type { Market } from '../../records/market.ts'
import type { Rec } from '../../records/record.ts'
import { isFlipped, quoteDecimals, WSOL } from '../decode/programs.ts'
import type { RowCells } from './snapshot-cells.ts'
import { FIELDS, type FieldName } from './snapshot-fields.ts'

/** What happened to a row on its way to a line, by which it is counted. */
type Mark =
  /** Its base was SOL or dollars: its sides are changed, and prices and counts of it left out. */
  | 'turned'
  /** Less than one base unit was cut off a reserve. */
  | 'rounded-reserve'
  /** A reserve in whole tokens without decimals, which is left out. */
  | 'no-decimals'
  /** Its price is more than a hundredth off that of its reserves. */
  | 'price-off-reserves'

/** A row as a market line, and what is to be told of it. */
export interface Snapshot {
  pool: string
  rec: Rec
  marks: readonly Mark[]
  /** Volumes that it tells, and those of them that are one of its reserves. */
  volumes: readonly FieldName[]
  echoes: readonly FieldName[]
}

const windowsOf = (what: string): [window: string, name: FieldName][] =>
  (Object.keys(FIELDS) as FieldName[])
    .filter(name => name.startsWith(`${what}.`))
    .map(name => [name.slice(what.length + 1), name])
const WINDOWED = {
  volumeUsd: windowsOf('volumeUsd'),
  buys: windowsOf('buys'),
  sells: windowsOf('sells'),
}
const VOLUMES = WINDOWED.volumeUsd.map(([, name]) => name)
const OFF = 0.01

/** One side of a pool. */
interface Side {
  mint: string | undefined
  decimals: number | undefined
  amount: bigint | undefined
}

/**
 * The market line of a row. Throws a DataError with the name of the column for a cell that is not
 * what its field is, and for a row without time or pool.
 */
export function snapshotOf(cells: RowCells): Snapshot {
  const [ts, pool] = [cells.number('time'), cells.text('pool')]
  if (ts === undefined) throw new DataError('expected a time, got nothing', { field: 'time' })
  if (pool === undefined) throw new DataError('expected a pool, got nothing', { field: 'pool' })
  const marks: Mark[] = []
  const sides = {
    base: sideOf(cells, 'base', marks),
    quote: sideOf(cells, 'quote', marks),
  }
  const { mint } = sides.base
  const other = sides.quote.mint
  const isTurned = mint !== undefined && other !== undefined && isFlipped(mint, other)
  if (isTurned) marks.push('turned')
  const [base, quote] = isTurned ? [sides.quote, sides.base] : [sides.base, sides.quote]
  const market = marketOf(cells, base, quote, isTurned, marks)
  const slot = cells.number('slot')
  const rec: Rec = {
    v: 1,
    id: `market:${pool}:snapshots:${ts}`,
    ts,
    kind: 'market',
    ...(base.mint === undefined ? {} : { mint: base.mint }),
    pool,
    source: 'snapshots',
    ...(slot === undefined ? {} : { slot }),
    market,
  }
  const volumes = VOLUMES.filter(name => cells.number(name) !== undefined)
  const echoes = volumes.filter(name => isEcho(cells.number(name)!, sides.base, sides.quote))
  return { pool, rec, marks, volumes, echoes }
}

function sideOf(cells: RowCells, side: 'base' | 'quote', marks: Mark[]): Side {
  const mint = cells.text(side === 'base' ? 'mint' : 'quoteMint')
  const known = quoteDecimals(mint)
  const decimals = cells.number(`${side}Decimals`) ?? known
  if (known !== undefined && decimals !== known)
    throw new DataError(`expected ${known}, which ${mint} has, got ${decimals}`, {
      field: `${side}Decimals`,
    })
  const raw = cells.amount(`${side}Amount`, 0)
  if (raw !== undefined) return { mint, decimals, amount: raw.amount }
  const whole = cells.amount(`${side}Reserve`, decimals ?? 0)
  if (whole === undefined) return { mint, decimals, amount: undefined }
  if (decimals === undefined) {
    marks.push('no-decimals')
    return { mint, decimals, amount: undefined }
  }
  if (!whole.isExact) marks.push('rounded-reserve')
  return { mint, decimals, amount: whole.amount }
}

function marketOf(
  cells: RowCells,
  base: Side,
  quote: Side,
  isTurned: boolean,
  marks: Mark[],
): Market {
  const market: Market = { dex: cells.text('dex') ?? 'unknown' }
  const put = <K extends keyof Market>(name: K, value: Market[K] | undefined): void => {
    if (value !== undefined) market[name] = value
  }
  put('quoteMint', quote.mint)
  put('baseDecimals', base.decimals)
  put('quoteDecimals', quote.decimals)
  put('feeBps', cells.number('feeBps'))
  put('isOpen', cells.flag('isOpen'))
  put('openAt', cells.number('openAt'))
  put('baseAmount', base.amount?.toString())
  put('quoteAmount', quote.amount?.toString())
  const byReserves = priceOf(base, quote)
  const told = isTurned ? undefined : cells.number('priceSol')
  if (told !== undefined && byReserves !== undefined && Math.abs(told / byReserves - 1) > OFF)
    marks.push('price-off-reserves')
  put('priceSol', told ?? byReserves)
  put('liquidityUsd', cells.number('liquidityUsd'))
  put('volumeUsd', windows(cells, 'volumeUsd'))
  if (isTurned) return market
  put('priceUsd', cells.number('priceUsd'))
  put('marketCapUsd', cells.number('marketCapUsd'))
  put('buys', windows(cells, 'buys'))
  put('sells', windows(cells, 'sells'))
  return market
}

/** Price of a whole token in SOL by the reserves, where the other side is SOL. */
function priceOf(base: Side, quote: Side): number | undefined {
  if (quote.mint !== WSOL || base.amount === undefined || quote.amount === undefined)
    return undefined
  if (base.decimals === undefined || quote.decimals === undefined || quote.amount === 0n)
    return undefined
  return pricePaid(quote.amount, base.amount, quote.decimals, base.decimals)
}

function windows(
  cells: RowCells,
  what: 'volumeUsd' | 'buys' | 'sells',
): Record<string, number> | undefined {
  let found: Record<string, number> | undefined
  for (const [window, name] of WINDOWED[what]) {
    const value = cells.number(name)
    if (value !== undefined) (found ??= {})[window] = value
  }
  return found
}

/** Whether a volume is a reserve, in base units or in whole tokens: then it is no volume. */
const isEcho = (volume: number, ...sides: readonly Side[]): boolean =>
  volume > 0 &&
  sides.some(
    ({ amount, decimals }) =>
      amount !== undefined &&
      (isSame(Number(amount), volume) || isSame(wholeTokens(amount, decimals ?? 0), volume)),
  )

/** The same but for what writing a double down and reading it again may change. */
const isSame = (reserve: number, volume: number): boolean =>
  Math.abs(reserve - volume) <= 1e-12 * volume
