import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataError, UsageError } from '../../../../lib/base/errors.ts'
import { findColumns, parseColumns } from '../../../../lib/sources/ohlcv/header-words.ts'

const at = (header: string, mapping: string[] = []) =>
  Object.fromEntries(
    Object.entries(findColumns(header.split(','), parseColumns(mapping))).map(([k, v]) => [
      k,
      v.at,
    ]),
  )

test('headers of files found in the wild', () => {
  const headers: [string, Record<string, number>][] = [
    [
      'symbol,timestamp,open,high,low,close,volume',
      { symbol: 0, timestamp: 1, open: 2, high: 3, low: 4, close: 5, volume: 6 },
    ],
    [
      'Date,Open,High,Low,Close,Adj Close,Volume',
      { timestamp: 0, open: 1, high: 2, low: 3, close: 4, volume: 6 },
    ],
    [
      'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,ignore',
      { timestamp: 0, open: 1, high: 2, low: 3, close: 4, volume: 5, trades: 8 },
    ],
    [
      'Open time, Open ,HIGH,low,close,volume',
      { timestamp: 0, open: 1, high: 2, low: 3, close: 4, volume: 5 },
    ],
    [
      'volume,close,low,high,open,time,mint',
      { symbol: 6, timestamp: 5, open: 4, high: 3, low: 2, close: 1, volume: 0 },
    ],
    [
      'pair,date,time,open,high,low,close,volume',
      { symbol: 0, timestamp: 2, open: 3, high: 4, low: 5, close: 6, volume: 7 },
    ],
  ]
  for (const [header, expected] of headers) assert.deepEqual(at(header), expected, header)
})

test('--columns maps our words to the file’s', () => {
  const mapping = ['symbol=Ticker', 'close=Adj Close', 'timestamp=d=1']
  assert.deepEqual(at('Ticker,d=1,open,high,low,close,adj close,volume', mapping), {
    symbol: 0,
    timestamp: 1,
    open: 2,
    high: 3,
    low: 4,
    close: 6,
    volume: 7,
  })
})

test('what is missing is named', () => {
  const named = (field: string) => (error: unknown) =>
    error instanceof DataError && error.field === field
  assert.throws(() => at('timestamp,open,high,low,close'), named('volume'))
  assert.throws(() => at('timestamp,close'), named('open'))
  // Two closes: nobody knows which is meant, but a place tells.
  const twice = 'timestamp,open,high,low,close,volume,close'
  assert.throws(() => at(twice), named('close'))
  assert.equal(at(twice, ['close=7']).close, 6)
  assert.throws(() => at('a,b'), named('timestamp'))
  assert.throws(() => at('timestamp,open,high,low,close,volume', ['close=Last']), named('Last'))
})

test('mappings that cannot be meant are usage errors', () => {
  for (const words of [
    ['price=p'],
    ['close'],
    ['close='],
    ['=p'],
    ['close=a', 'close=b'],
    ['constructor=a'],
  ]) {
    assert.throws(() => parseColumns(words), UsageError, words.join())
  }
})
