import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFileName } from '../../../../lib/sources/ohlcv/file-name.ts'
import { pairOf } from '../../../../lib/sources/ohlcv/pair.ts'
import { makeInstruments } from '../../../../lib/sources/ohlcv/symbol.ts'

const MINUTE = 60_000

// Names as data.binance.vision (SOLUSDT-5m-2024-12.csv, …-2024-12-01.zip), freqtrade
// (SOL_USDT-5m.feather, SOL_USDT_USDT-5m-futures.feather), Kraken (XBTUSD_1440.csv, in minutes:
// support.kraken.com, “Downloadable historical OHLCVT data”) and ccxt users write them.
test('a file name tells pair, length of bars and month; months are one instrument', () => {
  const table: [path: string, mint: string, intervalMs: number | undefined][] = [
    ['BTCUSDT.csv', 'BTCUSDT', undefined],
    ['/data/BTCUSDT.csv.gz', 'BTCUSDT', undefined],
    ['BTCUSDT.parquet', 'BTCUSDT', undefined],
    ['btcusdt.CSV', 'BTCUSDT', undefined],
    ['BTC_USDT.json', 'BTCUSDT', undefined],
    ['BTC_USDT-5m.csv', 'BTCUSDT', 5 * MINUTE],
    ['BTC-USD.csv', 'BTCUSD', undefined],
    ['SOL_USDT-5m.feather', 'SOLUSDT', 5 * MINUTE],
    ['SOLUSDT-5m-2024-12.csv', 'SOLUSDT', 5 * MINUTE],
    ['ADAUSDT-5m-2024.csv', 'ADAUSDT', 5 * MINUTE],
    ['SOLUSDT-1h-2025-01-31.csv.zst', 'SOLUSDT', 60 * MINUTE],
    ['SOLUSDT-2024-12.csv', 'SOLUSDT', undefined],
    ['SOLUSDT_1d_2024-12.csv', 'SOLUSDT', 1440 * MINUTE],
    ['1000PEPEUSDT-1w.csv', '1000PEPEUSDT', 7 * 1440 * MINUTE],
    // A month has no one length; 1m is a minute.
    ['SOLUSDT-1M.csv', 'SOLUSDT', undefined],
    ['SOLUSDT-1m.csv', 'SOLUSDT', MINUTE],
    ['BONK_SOL-15m.csv', 'BONKSOL', 15 * MINUTE],
    ['XBTUSD_60.csv', 'XBTUSD', 60 * MINUTE],
    ['SOLUSDT_1440.csv.gz', 'SOLUSDT', 1440 * MINUTE],
    ['SOLUSDT_1D.csv', 'SOLUSDT', 1440 * MINUTE],
    ['WIF-5m-2024-12.csv', 'WIF', 5 * MINUTE],
    // A perpetual has prices of its own, and so has each other series of a pair.
    ['SOL_USDT_USDT-5m-futures.feather', 'SOL_USDT_USDT', 5 * MINUTE],
    ['SOLUSDT-5m-futures.csv', 'SOLUSDT-futures', 5 * MINUTE],
    ['SOL_USDT_USDT-8h-mark.feather', 'SOL_USDT_USDT-8h-mark', undefined],
    // Names that mean something else stay whole.
    ['prices.csv', 'prices', undefined],
    ['report-2024-12.csv', 'report-2024-12', undefined],
    ['report_60.csv', 'report_60', undefined],
    ['SOLUSDT_2024.csv', 'SOLUSDT_2024', undefined],
    ['report-2024.csv', 'report-2024', undefined],
    // No year: a number of a name.
    ['SOLUSDT-5m-0042.csv', 'SOLUSDT-0042', 5 * MINUTE],
    ['a.b.CSV', 'a.b', undefined],
    ['/x/SOL.zst', 'SOL', undefined],
    ['5m.csv', '5m', undefined],
    ['-5m.csv', '-5m', undefined],
    ['-', '-', undefined],
  ]
  for (const [path, mint, intervalMs] of table) {
    const said = readFileName(path)
    assert.equal(makeInstruments(undefined)(said.symbol).mint, mint, path)
    assert.equal(said.intervalMs, intervalMs, path)
  }
})

test('what a pair is quoted in: dollars, SOL, or neither', () => {
  const table: [name: string, currency: string | undefined][] = [
    ['BTCUSDT', 'usd'],
    ['BTCFDUSD', 'usd'],
    ['BTC_BUSD', 'usd'],
    ['btc/usdc', 'usd'],
    ['BTC/USDT:USDT', 'usd'],
    ['SOLUSDT-futures', 'usd'],
    ['WIF_SOL', 'sol'],
    ['WIF/SOL', 'sol'],
    ['SOL_BTC', undefined],
    ['SOL-EUR', undefined],
  ]
  for (const [name, currency] of table) assert.equal(pairOf(name)?.currency, currency, name)
  // Without a separator nothing tells the token jupSOL from a token jup priced in SOL.
  for (const name of ['jupSOL', 'PARASOL', 'WIF', 'USD', 'A_B', ''])
    assert.equal(pairOf(name), undefined, name)
})
