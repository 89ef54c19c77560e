import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataError } from '../../../../lib/base/errors.ts'
import { findColumns } from '../../../../lib/sources/ohlcv/header-words.ts'
import { readBar } from '../../../../lib/sources/ohlcv/price-row.ts'
import { makeInstruments } from '../../../../lib/sources/ohlcv/symbol.ts'

const HEADER = 'symbol,timestamp,open,high,low,close,volume,trades'.split(',')
const GOOD = 'BTC_USDT,1721683800,2,4,1,3,10.5,7'
const read = (row: string) =>
  readBar(
    row.split(','),
    findColumns(HEADER, new Map()),
    { instrument: makeInstruments(undefined), rule: {}, decimal: '.' },
    '',
  )

test('a good row', () => {
  assert.deepEqual(read(GOOD), {
    mint: 'BTCUSDT',
    currency: 'usd',
    openAt: 1_721_683_800_000,
    open: 2,
    high: 4,
    low: 1,
    close: 3,
    volume: 10.5,
    trades: 7,
  })
  assert.equal(read(GOOD.replace(',1,3,', ',.01,3.E-2,')).close, 0.03)
  assert.equal(read(GOOD.replace(',10.5,', ',0,')).volume, 0)
  assert.equal(read(GOOD.replace(',3,', ',+3,')).close, 3)
})

test('hostile rows name column and value', () => {
  const rows: [row: string, field: string, value: RegExp][] = [
    [GOOD.replace(',2,', ',-2,'), 'open', /"-2"/],
    [GOOD.replace(',2,', ',-0,'), 'open', /"-0"/],
    [GOOD.replace(',2,', ',NaN,'), 'open', /"NaN"/],
    [GOOD.replace(',4,', ',Infinity,'), 'high', /"Infinity"/],
    [GOOD.replace(',4,', ',1e300,'), 'high', /"1e300"/],
    [GOOD.replace(',4,', ',1e9999,'), 'high', /"1e9999"/],
    [GOOD.replace(',4,', ',0x10,'), 'high', /"0x10"/],
    [GOOD.replace(',4,', ',4_000,'), 'high', /"4_000"/],
    [GOOD.replace(',4,', ',0.5,'), 'high', /low 1, got 0.5/],
    // Nobody trades at nothing: a zero is what a table puts where it knows no price.
    [GOOD.replace(',2,4,1,3,', ',0,4,0,3,'), 'open', /above 0, got 0/],
    [GOOD.replace(',1,3,', ',0,0,'), 'low', /above 0, got 0/],
    [GOOD.replace(',2,4,1,3,', ',0,0,0,0,'), 'open', /above 0, got 0/],
    [GOOD.replace(',1,', ',,'), 'low', /nothing|""/],
    [GOOD.replace(',3,', ',4.0001,'), 'close', /low 1 to high 4, got 4.0001/],
    [GOOD.replace(',2,', ',0.9,'), 'open', /low 1 to high 4, got 0.9/],
    [GOOD.replace(',3,', ',null,'), 'close', /"null"/],
    [GOOD.replace(',10.5,', ',1e18,'), 'volume', /"1e18"/],
    [GOOD.replace(',10.5,7', ''), 'volume', /nothing/],
    [GOOD.replace('1721683800', 'yesterday'), 'timestamp', /"yesterday"/],
    [GOOD.replace('BTC_USDT', ''), 'symbol', /""/],
    [GOOD.replace('BTC_USDT', 'X'.repeat(65)), 'symbol', /XXX/],
    ['', 'symbol', /""/],
  ]
  for (const [row, field, value] of rows) {
    assert.throws(
      () => read(row),
      (error: unknown) => {
        assert.ok(error instanceof DataError, `${row}: ${error}`)
        assert.equal(error.field, field, row)
        assert.match(error.message, value)
        return true
      },
    )
  }
})

test('symbols become mints; two that would become one are refused', () => {
  const instrument = makeInstruments('sol')
  const table: [name: string, mint: string, currency: string][] = [
    // One pair however it is spelled.
    ...['BTC/USDT', 'BTC_USDT', 'btc-usdt', 'BTCUSDT'].map(
      name => [name, 'BTCUSDT', 'usd'] as [string, string, string],
    ),
    ['WIF/SOL', 'WIFSOL', 'sol'],
    ['BTC/USDT:USDT', 'BTC_USDT_USDT', 'usd'],
    [' WIF ', 'WIF', 'sol'],
    ['ethusd', 'ETHUSD', 'usd'],
    ['SOLUSDC', 'SOLUSDC', 'usd'],
    ['Bitstamp BTCUSD', 'Bitstamp_BTCUSD', 'usd'],
    ['__proto__', '__proto__', 'sol'],
    ['a\u0000b', 'a_b', 'sol'],
    // A base58 address whose last letters happen to be USD.
    [
      '9n4nbM75f5Ui33ZbPYXn59EwSgE8CGsHtAeTH5YFeUSD',
      '9n4nbM75f5Ui33ZbPYXn59EwSgE8CGsHtAeTH5YFeUSD',
      'sol',
    ],
  ]
  for (const [name, mint, currency] of table) assert.deepEqual(instrument(name), { mint, currency })
  assert.throws(() => instrument('Bitstamp/BTCUSD'), /Bitstamp BTCUSD.* would both become/)
  // Without its separator a pair in SOL looks like a token.
  assert.throws(() => instrument('WIFSOL'), /WIF\/SOL.* would both become WIFSOL/)
  assert.equal(makeInstruments(undefined)('WIF').currency, undefined)
})
