import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import {
  Decimal,
  Dictionary,
  Float64,
  Int32,
  RecordBatchStreamWriter,
  Table,
  TimestampMillisecond,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import { DataError, UsageError } from '../../../../../lib/base/errors.ts'
import { lz4Frame } from '../../../../../lib/sources/ohlcv/formats/lz4-frame.ts'
import { type OhlcvOptions, openOhlcv } from '../../../../../lib/sources/ohlcv/ohlcv-source.ts'
import { sharedFile } from '../../../../kit/shared.ts'
import { drain, makeIntakes, withFiles } from '../../scratch.ts'

/** Bars of one file as rows of numbers, what was said of it, and the error. */
async function read(name: string, content: string | Buffer, options: Partial<OhlcvOptions> = {}) {
  return withFiles({ [name]: content }, async path => {
    const { intake } = makeIntakes()
    const said: string[] = []
    const source = await openOhlcv({
      paths: [path(name)],
      columns: [],
      interval: undefined,
      currency: undefined,
      symbol: undefined,
      count: () => undefined,
      warn: () => undefined,
      say: text => void said.push(text.slice(text.indexOf(name))),
      tick: 0,
      intake,
      ...options,
    })
    const { lines, error } = await drain(source)
    const bars = lines.map(({ rec: { mint, candle } }) => [
      mint,
      candle!.openAt,
      candle!.open,
      candle!.high,
      candle!.low,
      candle!.close,
      candle!.volume,
    ])
    return { bars, said, error, lines }
  })
}

// 2025-01-01 00:00 UTC: `date -u -d 2025-01-01 +%s`.
const AT = 1_735_689_600
const BAR = [100, 101, 99, 100.5, 10]
const bars = (mint: string) => [0, 1, 2].map(i => [mint, (AT + 300 * i) * 1000, ...BAR])
const rows = (cell: (second: number) => string): string[] =>
  [0, 1, 2].map(i => [cell(AT + 300 * i), ...BAR].join(','))
const iso = (second: number): string =>
  new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' ')

test('CSV as exchanges, pandas and charts write it', async () => {
  const kline = (unit: number) =>
    [0, 1, 2]
      .map(i => {
        const open = (AT + 300 * i) * unit
        return [open, ...BAR, open + 300 * unit - 1, 1005, 7, 5, 500, 0].join(',')
      })
      .join('\n')
  const pandas = `,Open,High,Low,Close,Volume\n${rows(iso).join('\n')}`
  const volumes = 'Volume BTC,Volume USD,tradecount'
  const each = (order: number[], row: (i: number) => unknown[], by: string): string =>
    order.map(i => row(i).join(by)).join('\n')
  const dated = (i: number) => [
    (AT + 300 * i) * 1000,
    iso(AT + 300 * i),
    'BTC/USD',
    ...BAR,
    1005,
    7,
  ]
  const link = [
    'https://www.CryptoDataDownload.com',
    `Unix,Date,Symbol,Open,High,Low,Close,${volumes}`,
    each([2, 1, 0], dated, ','),
  ].join('\n')
  const clocks = ['00:00:00', '00:05:00', '00:10:00']
  const meta = [
    '<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>',
    each([0, 1, 2], i => ['2025.01.01', clocks[i], ...BAR], '\t'),
  ].join('\n')
  const european = [
    'Zeit;open;high;low;close;volume',
    each([0, 1, 2], i => [AT + 300 * i, '100', '101,0', '99', '100,5', '"10"'], ';'),
  ].join('\n')
  const files: [string, string, string, Partial<OhlcvOptions>?][] = [
    ['BTCUSDT.csv', kline(1e6), 'Binance klines without header, 5m, 3 bars, BTCUSDT'],
    ['BTCUSDT-5m-2025-01.csv', kline(1e3), 'Binance klines without header, 5m, 3 bars, BTCUSDT'],
    ['BTC_USDT.csv', pandas, 'CSV, 5m, 3 bars, BTC/USDT'],
    ['x.csv', link, 'CSV, from line 2, 5m, 3 bars, BTCUSD'],
    ['BTCUSDT.csv', meta, 'CSV, 5m, 3 bars, BTCUSDT'],
    [
      'BTCUSDT.csv',
      european,
      'CSV, 5m, 3 bars, BTCUSDT',
      { decimal: ',', columns: ['timestamp=Zeit'] },
    ],
    ['BTCUSDT.csv', rows(String).join('\n'), 'CSV without header, 5m, 3 bars, BTCUSDT'],
    [
      'BTCUSDT.csv',
      [0, 1, 2].map(i => `x,${BAR.join(',')},${AT + 300 * i},1,1`).join('\n'),
      'CSV without header, 5m, 3 bars, BTCUSDT',
      { columns: ['timestamp=7', 'open=2', 'high=3', 'low=4', 'close=5', 'volume=6'] },
    ],
  ]
  for (const [name, content, told, options] of files) {
    const { bars: found, said, error } = await read(name, content, options)
    assert.equal(error, undefined, told)
    const mint = name.startsWith('x') ? 'BTCUSD' : 'BTCUSDT'
    assert.deepEqual(found, bars(mint), told)
    assert.deepEqual(said, [`${name}: ${told}`])
  }
  const utf16 = Buffer.from(
    `\ufeffdate,open,high,low,close,volume\n${rows(iso).join('\n')}`,
    'utf16le',
  )
  assert.deepEqual((await read('BTCUSDT.csv', utf16)).bars, bars('BTCUSDT'))
})

test('JSON of exchanges, libraries and data services', async () => {
  const list = (order: (bar: number[]) => unknown[], unit = 1000) =>
    [0, 1, 2].map(i => [(AT + 300 * i) * unit, ...order(BAR)])
  const [o, h, l, c, v] = BAR as [number, number, number, number, number]
  const objects = (time: string) =>
    [0, 1, 2].map(i => ({ o, h, l, c, v, [time]: AT + 300 * i, address: 'So1', currency: 'usd' }))
  const files: [unknown, string, string?][] = [
    [list(bar => bar), 'freqtrade JSON'],
    [list(bar => bar.map(String)).reverse(), 'freqtrade JSON'],
    // docs.cdp.coinbase.com: [time, low, high, open, close, volume], newest first.
    [list(() => [l, h, o, c, v], 1).reverse(), 'Coinbase JSON'],
    // docs.bitfinex.com: [MTS, OPEN, CLOSE, HIGH, LOW, VOLUME].
    [list(() => [o, c, h, l, v]), 'Bitfinex JSON'],
    // docs.kraken.com: [time, open, high, low, close, vwap, volume, count].
    [
      { error: [], result: { X: list(() => [o, h, l, c, '100.2', v, 7], 1), last: 1 } },
      'Kraken JSON',
    ],
    [{ code: '0', data: list(bar => [...bar.map(String), '1', '2', '1']) }, 'freqtrade JSON'],
    [
      {
        s: 'ok',
        ...Object.fromEntries(
          ['t', 'o', 'h', 'l', 'c', 'v'].map((k, j) => [k, list(bar => bar, 1).map(r => r[j])]),
        ),
      },
      'chart JSON',
    ],
    [{ success: true, data: { items: objects('unixTime') } }, 'Birdeye JSON', 'So1'],
    [{ success: true, data: { items: objects('unix_time') } }, 'Birdeye JSON', 'So1'],
  ]
  for (const [doc, told, mint = 'BTCUSDT'] of files) {
    const { bars: found, said, error, lines } = await read('BTC_USDT-5m.json', JSON.stringify(doc))
    assert.equal(error, undefined, told)
    assert.deepEqual(found, bars(mint), told)
    assert.match(said[0] ?? '', new RegExp(`: ${told}, 5m, 3 bars, `))
    assert.equal(lines[0]!.rec.candle!.currency, 'usd')
  }
  const lines = objects('time')
    .map(row => JSON.stringify(row))
    .join('\n')
  assert.deepEqual((await read('a.ndjson', lines)).bars, bars('So1'))
})

test('a null among bars is a bad row, wherever it stands', async () => {
  const good = [0, 1, 2].map(i => [(AT + 300 * i) * 1000, ...BAR])
  for (const at of [0, 2]) {
    const doc = JSON.stringify(good.toSpliced(at, 0, null as never))
    const { error } = await read('BTC_USDT-5m.json', doc)
    assert.match(String(error), new RegExp(`line ${at + 1}: timestamp: expected a value`))
  }
})

test('GeckoTerminal counts volume in dollars: tokens at the typical price', async () => {
  const doc = {
    data: {
      attributes: {
        ohlcv_list: [
          [AT + 300, 1, 3, 1, 2, 8],
          [AT, 1, 3, 1, 2, 4],
        ],
      },
    },
    meta: { base: { address: 'Mint1' }, quote: {} },
  }
  const { bars: found } = await read('pool.json', JSON.stringify(doc))
  // (3 + 1 + 2) / 3 = 2 dollars a token.
  assert.deepEqual(found, [
    ['Mint1', AT * 1000, 1, 3, 1, 2, 2],
    ['Mint1', (AT + 300) * 1000, 1, 3, 1, 2, 4],
  ])
})

/** A table of three bars; `date` and `close` in whatever types are asked for. */
function arrowOf(
  date: unknown,
  close: unknown = vectorFromArray([100.5, 100.5, 100.5], new Float64()),
) {
  const of = (value: number) => vectorFromArray([value, value, value], new Float64())
  return new Table({
    date,
    open: of(100),
    high: of(101),
    low: of(99),
    close,
    volume: of(10),
  } as never)
}
const TIMES = [0, 1, 2].map(i => (AT + 300 * i) * 1000)

test('Arrow files and streams of any time type, and a decimal', async () => {
  const decimal = new Decimal(1, 10, 128)
  const cents = vectorFromArray(
    [1005n, 1005n, 1005n].map(n => new Uint32Array([Number(n), 0, 0, 0])),
    decimal,
  )
  const tables = [
    arrowOf(vectorFromArray(TIMES, new TimestampMillisecond())),
    arrowOf(vectorFromArray(TIMES.map(ms => BigInt(ms) * 1_000_000n))),
    arrowOf(
      vectorFromArray(
        TIMES.map(ms => iso(ms / 1000)),
        new Dictionary(new Utf8(), new Int32()),
      ),
    ),
    arrowOf(vectorFromArray(TIMES, new TimestampMillisecond()), cents),
  ]
  for (const table of tables) {
    for (const kind of ['file', 'stream'] as const) {
      const { bars: found, error } = await read(
        'BTC_USDT-5m.feather',
        Buffer.from(tableToIPC(table, kind)),
      )
      assert.equal(error, undefined)
      assert.deepEqual(found, bars('BTCUSDT'))
    }
  }
  assert.ok(RecordBatchStreamWriter !== undefined && tableFromIPC !== undefined)
})

const feather = sharedFile('cases/field/28-freqtrade-files/x.feather')
test('a feather file that freqtrade wrote is read to the last row', feather, async () => {
  const { readFileSync } = await import('node:fs')
  const { bars: found, said, error } = await read('ADA_BTC-30m.feather', readFileSync(feather.path))
  assert.equal(error, undefined)
  assert.ok(found.length > 0)
  assert.match(said[0]!, /freqtrade feather, /)
})

test('LZ4 frames of another implementation come back whole; damage is refused', async () => {
  const lz4 = (await import('lz4js' as string)) as {
    default: { compress(x: Uint8Array): Uint8Array }
  }
  const texts = [
    '',
    'a',
    'abcabcabcabcabcabcabcabc',
    JSON.stringify(Array.from({ length: 30_000 }, (_, i) => i % 977)),
  ]
  for (const text of texts.slice(1)) {
    const data = Buffer.from(text)
    const frame = Uint8Array.from(lz4.default.compress(data))
    assert.ok(Buffer.from(lz4Frame(frame, 1e7)).equals(data))
    assert.throws(() => lz4Frame(frame, data.length - 1), DataError)
    for (let cut = 1; cut < Math.min(frame.length, 60); cut++)
      assert.throws(() => lz4Frame(frame.subarray(0, frame.length - cut), 1e7), DataError)
  }
})

/** A .zip by hand (APPNOTE.TXT 4.3): local headers, directory, end record. */
function zip(files: [name: string, data: Buffer, size?: number][]): Buffer {
  const [locals, entries]: [Buffer[], Buffer[]] = [[], []]
  let at = 0
  for (const [name, data, size = data.length] of files) {
    const packed = deflateRawSync(data)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50)
    local.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50)
    entry.writeUInt16LE(8, 10)
    entry.writeUInt32LE(packed.length, 20)
    entry.writeUInt32LE(size, 24)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(at, 42)
    locals.push(local, Buffer.from(name), packed)
    entries.push(entry, Buffer.from(name))
    at += 30 + name.length + packed.length
  }
  const directory = Buffer.concat(entries)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...locals, directory, end])
}

test('an archive holds one table; its paths are nobody’s, its size is bounded', async () => {
  const data = Buffer.from(rows(String).join('\n'))
  const good = await read('BTCUSDT-5m-2025-01.zip', zip([['../../etc/BTC.csv', data]]))
  assert.deepEqual(good.bars, bars('BTCUSDT'))
  assert.match(good.said[0]!, /CSV without header in .zip, 5m, 3 bars, BTCUSDT/)
  const bomb = Buffer.alloc(5_000_000, '1')
  for (const [content, told] of [
    [zip([['a.csv', bomb]]), /refused/],
    [zip([['a.csv', bomb, 100]]), /refused/],
    [
      zip([
        ['a.csv', data],
        ['b.csv', data],
      ]),
      /archive of 2 files/,
    ],
    [zip([['xl/workbook.xml', data]]), /Excel/],
    [zip([['a.csv', data]]).subarray(0, -9), /broken .zip/],
  ] as const) {
    const { error } = await read('a.zip', content)
    assert.ok(error instanceof DataError, String(error))
    assert.match(String(error), told)
  }
})

test('what cannot be read is named by what it is', async () => {
  const files: [Buffer | string, RegExp][] = [
    ['SQLite format 3\0\0\0', /SQLite/],
    [Buffer.from('FEA1....'), /Feather of version 1/],
    [Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), /HDF5/],
    [Buffer.from('\x80\x04\x95\x00\x00', 'latin1'), /pickle/],
    [Buffer.from('ARROW1\0\0garbage'), /Arrow/],
    ['<!doctype html><html>', /web page/],
    [Buffer.from('\x01\x02\x00\x03', 'latin1'), /binary, beginning with 01020003/],
    ['{"success":false,"message":"Unauthorized"}', /Unauthorized/],
    ['{"status":{"error_code":429}}', /429/],
    ['[[1,2,3', /broken JSON/],
    ['1,2,3,4,5,6,7,8,9', /9 columns without a header/],
  ]
  for (const [content, told] of files) {
    const { error } = await read('a.csv', content)
    assert.ok(error instanceof DataError, `${told}: ${error}`)
    assert.match(String(error), told)
  }
})

test('a bad cell is named before a length of bars is asked for', async () => {
  const head = 'date,open,high,low,close,volume'
  for (const [row, field] of [
    ['2024-01-01,141.3,143,141,165.6,10', 'close'],
    ['01/03/2024,1,1,1,1,1', 'date'],
    ['2024-01-01,1,1,1,"0,5",1', 'close'],
  ] as const) {
    const { error } = await read('A.csv', `${head}\n${row}\n2024-01-02,1,1,1,1,1\n`)
    assert.ok(error instanceof DataError, String(error))
    assert.deepEqual([error.field, error.line], [field, 2])
  }
  const { error } = await read('A.csv', `${head}\n2024-01-02,1,1,1,1,1\n`)
  assert.ok(error instanceof UsageError)
})

test('day-month order and zone are what flags say', async () => {
  const head = 'date,open,high,low,close,volume'
  const text = `${head}\n01/03/2024 00:00,1,1,1,1,1\n01/03/2024 00:05,1,1,1,1,1\n`
  const { bars: found } = await read('A.csv', text, { timeFormat: 'dmy', timeZone: '+01:00' })
  assert.deepEqual(
    found.map(([, at]) => at),
    [1_709_247_600_000, 1_709_247_900_000],
  )
})
