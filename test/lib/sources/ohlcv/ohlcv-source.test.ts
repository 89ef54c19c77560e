import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import zlib from 'node:zlib'
import fc from 'fast-check'
import { DataError, UsageError } from '../../../../lib/base/errors.ts'
import { fits } from '../../../../lib/records/check.ts'
import { type OhlcvOptions, openOhlcv } from '../../../../lib/sources/ohlcv/ohlcv-source.ts'
import { sharedFile } from '../../../kit/shared.ts'
import { drain, makeIntakes, withFiles } from '../scratch.ts'

const HEADER = 'symbol,timestamp,open,high,low,close,volume'
const row = (symbol: string, second: number, price = 1): string =>
  `${symbol},${second},${price},2,0.5,1.5,10`
const csv = (rows: readonly string[], header = HEADER): string =>
  `${[header, ...rows].join('\n')}\n`
const sortFolders = (): string[] =>
  readdirSync(tmpdir()).filter(name => name.startsWith(`sluice-sort-${process.pid}-`))

async function run(
  files: Record<string, string | Buffer>,
  options: Partial<OhlcvOptions> = {},
  skip = false,
) {
  return withFiles(files, async path => {
    const { intake, rejects } = makeIntakes(skip)
    const warnings: string[] = []
    const counts: Record<string, number> = {}
    const paths = Object.keys(files).map(path)
    const source = await openOhlcv({
      paths,
      columns: [],
      order: 'time',
      interval: undefined,
      currency: undefined,
      symbol: undefined,
      count: (what, by = 1) => void (counts[what] = (counts[what] ?? 0) + by),
      warn: text => void warnings.push(text),
      tick: 0,
      gaps: 'keep',
      intake,
      ...options,
    })
    const bad = () => rejects.map(text => JSON.parse(text))
    return { ...(await drain(source)), rejects: bad(), paths, warnings, counts }
  })
}

test('a candle as records.md has it: ts is the close, unknown stays absent', async () => {
  const { lines, raw } = await run({
    'WIF.csv': csv(['0,1,2,0.5,1.50,10', '300,1.5,2,1.5,2,0'], HEADER.slice(7)),
  })
  assert.equal(
    raw[0],
    '{"v":1,"id":"candle:WIF:5m:0","ts":300000,"kind":"candle","mint":"WIF","source":"ohlcv",' +
      '"candle":' +
      '{"intervalMs":300000,"openAt":0,"open":1,"high":2,"low":0.5,"close":1.5,"volume":10}}',
  )
  // Volume 0 may be a bar without trades or a source without volumes: only a count of trades tells.
  assert.equal(lines[1]?.rec.candle?.filled, undefined)
  assert.ok(lines.every(({ rec }) => fits('envelope', rec) && fits('candle', rec.candle)))
})

test('trades tell whether a bar is filled', async () => {
  const { lines } = await run({
    a: csv([`${row('A', 0)},0`, `${row('A', 60)},3`], `${HEADER},trades`),
  })
  assert.deepEqual(
    lines.map(({ rec }) => [rec.candle?.trades, rec.candle?.filled]),
    [
      [0, true],
      [3, false],
    ],
  )
})

test('any partition of rows into files, in any order, gives the same lines', async () => {
  const rows = fc.uniqueArray(
    fc.tuple(
      fc.constantFrom('A', 'B', 'C_USDT', 'a'),
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 1, max: 2 }),
    ),
    { minLength: 4, maxLength: 30, selector: ([name, at, price]) => `${name} ${at} ${price}` },
  )
  await fc.assert(
    fc.asyncProperty(
      rows,
      fc.infiniteStream(fc.nat(3)),
      fc.boolean(),
      async (cells, picks, isSorted) => {
        const sorted = [...cells].sort((x, y) => x[1] - y[1])
        const text = ([name, at, price]: (typeof cells)[number]): string =>
          row(name, at * 300, price)
        const parts: string[][] = [[], [], [], []]
        for (const cell of isSorted ? sorted : cells)
          parts[picks.next().value as number]?.push(text(cell))
        const files = Object.fromEntries(parts.map((part, i) => [`f${i}`, csv(part)]))
        const options = { tick: 10_000, interval: undefined }
        const whole = await run({ whole: csv(sorted.map(text)) }, options)
        const split = await run(files, options)
        assert.deepEqual(split.raw, whole.raw)
        assert.equal(String(split.error), String(whole.error))
      },
    ),
    { numRuns: 25 },
  )
})

test(
  'files grouped by symbol come out in the order of time, then mint; the sort leaves nothing ' +
    'behind',
  async () => {
    const rows = ['B', 'A'].flatMap(name => [0, 300, 600].map(at => row(name, at)))
    const { lines } = await run({ a: csv(rows) })
    assert.deepEqual(
      lines.map(({ rec }) => `${rec.mint}${rec.ts / 300_000}`),
      ['A1', 'B1', 'A2', 'B2', 'A3', 'B3'],
    )
    assert.deepEqual(sortFolders(), [])
  },
)

test('bars of mixed lengths are ordered by their close', async () => {
  const { lines } = await run({
    hours: csv([0, 3600, 7200].map(at => row('H', at))),
    minutes: csv([0, 1800, 3600, 5400].map(at => row('M', at))),
  })
  // Closes of H: 3600, 7200, 10800 s; of M: 1800, 3600, 5400, 7200 s.
  assert.deepEqual(
    lines.map(({ rec }) => [rec.mint, rec.ts / 1000]),
    [
      ['M', 1800],
      ['H', 3600],
      ['M', 3600],
      ['M', 5400],
      ['H', 7200],
      ['M', 7200],
      ['H', 10_800],
    ],
  )
})

test('--order file keeps the order of files and rows', async () => {
  const files = { b: csv([row('B', 600), row('B', 0)]), a: csv([row('A', 0), row('A', 300)]) }
  const { lines } = await run(files, { order: 'file', interval: 300_000 })
  assert.deepEqual(
    lines.map(({ rec }) => `${rec.mint}${rec.ts / 300_000}`),
    ['B3', 'B1', 'A1', 'A2'],
  )
})

test('ticks come before the first line of a time that passed a multiple', async () => {
  const { lines } = await run(
    { a: csv([row('A', 0), row('B', 0), row('A', 60), row('B', 60)]) },
    { tick: 10_000 },
  )
  assert.deepEqual(
    lines.map(({ rec }) => rec.id),
    ['candle:A:1m:0', 'candle:B:1m:0', 'tick:120000', 'candle:A:1m:60000', 'candle:B:1m:60000'],
  )
})

test('gzip, CRLF, quotes, another separator and mapped columns', async () => {
  const text =
    'Ticker;time;open;high;low;close;Last;volume\r\n"A;1";2024-07-22 ' +
    '21:30:00;1;2;0.5;9;"1.5";10\r\n'
  const { lines } = await run(
    { 'x.csv.gz': zlib.gzipSync(text) },
    { columns: ['symbol=Ticker', 'close=Last'], interval: 60_000, currency: 'sol' },
  )
  assert.equal(lines[0]?.rec.mint, 'A_1')
  assert.equal(lines[0]?.rec.candle?.close, 1.5)
  assert.equal(lines[0]?.rec.candle?.currency, 'sol')
  assert.equal(lines[0]?.rec.ts, 1_721_683_860_000)
})

test('a bad row stops a strict run, naming file, line, column and value', async () => {
  for (const rows of [
    [row('A', 0), row('A', 300), row('A', 600, Number.NaN)],
    [row('A', 300), row('A', 0), row('A', 600, Number.NaN)],
  ]) {
    const { error, paths } = await run({ bad: csv(rows) })
    assert.ok(error instanceof DataError)
    assert.equal(
      String(error),
      `${paths[0]}: line 4: open: expected a number from 0 to below 1e18, got "NaN"`,
    )
    assert.deepEqual(sortFolders(), [])
  }
})

test('--skip-bad counts each bad row once and keeps it, ordered or not', async () => {
  const bad = ['A,900,1,0.1,0.5,1,1', 'A,soon,1,2,0.5,1,1', 'A,1200', '"A,1200,1,2,0.5,1,1']
  for (const good of [
    [row('A', 0), row('A', 300)],
    [row('A', 300), row('A', 0)],
  ]) {
    const { lines, rejects, error } = await run({ a: csv([...good, ...bad]) }, {}, true)
    assert.equal(error, undefined)
    assert.deepEqual(
      lines.map(({ rec }) => rec.ts),
      [300_000, 600_000],
    )
    assert.deepEqual(
      rejects.map(({ line, field, raw }) => [line, field, raw]),
      [
        [4, 'high', bad[0]],
        [5, 'timestamp', bad[1]],
        [6, 'open', bad[2]],
        [7, undefined, bad[3]],
      ],
    )
  }
})

test('a missing column and an empty file are named', async () => {
  const { error } = await run({ a: 'timestamp,close\n0,1\n' })
  assert.match(
    String(error),
    /a: line 1: open: no column open or .*, the header is "timestamp,close"/,
  )
  assert.match(String((await run({ empty: '' })).error), /empty: expected a table of bars/)
  assert.deepEqual((await run({ a: csv([]) })).raw, [])
})

test('one bar does not tell its length', async () => {
  const { error } = await run({ a: csv([row('A', 0)]) })
  assert.ok(error instanceof UsageError)
  assert.match(error.message, /--interval/)
})

test('leaving in the middle of a sorted run removes its folder', async () => {
  const rows = ['B', 'A'].flatMap(name => Array.from({ length: 5000 }, (_, i) => row(name, i * 60)))
  for (const how of ['return', 'signal']) {
    await withFiles({ a: csv(rows) }, async path => {
      const stop = new AbortController()
      const { intake } = makeIntakes()
      const options = {
        columns: [],
        order: 'time',
        interval: undefined,
        currency: undefined,
        symbol: undefined,
        count: () => undefined,
        warn: () => undefined,
        tick: 0,
        intake,
      } as const
      const source = await openOhlcv({ ...options, paths: [path('a')] })
      let batches = 0
      for await (const _ of source.lines(stop.signal)) {
        assert.equal(sortFolders().length, 1)
        batches++
        if (how === 'return') break
        stop.abort()
      }
      assert.equal(batches, 1)
      assert.deepEqual(sortFolders(), [])
    })
  }
})

const pairs = sharedFile('data/binance-5m-2024-07/5m-pairs.csv.gz')

test('half a million real candles, grouped by symbol, in order and complete', {
  skip: pairs.skip,
}, async () => {
  const { intake } = makeIntakes()
  const options = {
    columns: [],
    order: 'time',
    interval: undefined,
    currency: undefined,
    symbol: undefined,
    count: () => undefined,
    warn: () => undefined,
    tick: 10_000,
    intake,
  } as const
  const source = await openOhlcv({ ...options, paths: [pairs.path] })
  let candles = 0
  let last = 0
  const ticks = new Set<number>()
  const mints = new Set<string>()
  for await (const batch of source.lines(new AbortController().signal)) {
    for (const { rec } of batch) {
      assert.ok(rec.ts >= last)
      last = rec.ts
      if (rec.kind === 'tick') ticks.add(rec.ts)
      else {
        candles++
        mints.add(rec.mint!)
        assert.equal(rec.candle?.intervalMs, 300_000)
      }
    }
  }
  // README of the data: 521,136 rows, 297 pairs, 2024-07-22 21:30 to 2024-07-28 23:55 without gaps.
  assert.equal(candles, 521_136)
  assert.equal(mints.size, 297)
  assert.equal(last, Date.UTC(2024, 6, 29))
  assert.equal(ticks.size, (Date.UTC(2024, 6, 29) - Date.UTC(2024, 6, 22, 21, 35)) / 300_000)
})

const PLAIN = HEADER.slice('symbol,'.length)
const bars = (from: number, step: number, count = 3): string =>
  csv(
    Array.from({ length: count }, (_, i) => row('', from + i * step).slice(1)),
    PLAIN,
  )

test('files of one pair are one instrument, months in the order of time', async () => {
  const { lines, warnings } = await run({
    'SOLUSDT-5m-2024-12.csv': bars(900, 300),
    'SOL_USDT-5m-2024-11.csv': bars(0, 300),
  })
  assert.deepEqual(
    lines.map(({ rec }) => [rec.mint, rec.candle?.currency, rec.ts / 300_000]),
    [1, 2, 3, 4, 5, 6].map(n => ['SOLUSDT', 'usd', n]),
  )
  assert.deepEqual(warnings, [])
})

test('a pair in a column and in the name of a file is one instrument', async () => {
  const { lines, warnings } = await run({
    'all.csv': csv([row('SOL/USDT', 0), row('SOL/USDT', 300)]),
    'SOLUSDT.csv': bars(600, 300, 2),
  })
  assert.deepEqual(
    lines.map(({ rec }) => [rec.mint, rec.candle?.currency, rec.ts / 300_000]),
    [1, 2, 3, 4].map(n => ['SOLUSDT', 'usd', n]),
  )
  assert.deepEqual(warnings, [])
})

test('an unknown currency is told once per file and counted; flags state it', async () => {
  const files = { 'WIF-5m.csv': bars(0, 300), 'BONK.csv': bars(0, 300, 2) }
  const unknown = await run(files)
  assert.deepEqual(
    unknown.warnings.map(text => text.replace(/^.*\//, '')),
    ['WIF', 'BONK'].map(
      name =>
        `${name === 'WIF' ? 'WIF-5m' : name}.csv: nothing says what prices of ${name} are in, so ` +
        'their currency is unknown; say --currency usd or --currency sol',
    ),
  )
  assert.deepEqual(unknown.counts, { 'unknown-currency': 5 })
  const stated = await run(files, { currency: 'sol' })
  assert.deepEqual([stated.warnings, stated.counts], [[], {}])
  assert.ok(stated.lines.every(({ rec }) => rec.candle?.currency === 'sol'))
  const named = await run({ 'x.csv': bars(0, 300) }, { symbol: 'WIF/SOL' })
  assert.deepEqual(
    new Set(named.lines.map(({ rec }) => `${rec.mint} ${rec.candle?.currency}`)),
    new Set(['WIFSOL sol']),
  )
  const file = await run({ 'WIF_SOL-5m.csv': bars(0, 300) })
  assert.deepEqual([file.warnings, file.counts], [[], {}])
  assert.deepEqual(
    new Set(file.lines.map(({ rec }) => `${rec.mint} ${rec.candle?.currency}`)),
    new Set(['WIFSOL sol']),
  )
  // What a name says is not overruled, but that is no secret.
  const both = await run({ 'SOLUSDT.csv': bars(0, 300) }, { currency: 'sol' })
  assert.equal(both.lines[0]?.rec.candle?.currency, 'usd')
  assert.match(both.warnings.join(), /prices of SOLUSDT are in usd by that name/)
})

test('--symbol is refused for a file whose column says it', async () => {
  const { error } = await run({ 'a.csv': csv([row('WIF', 0)]) }, { symbol: 'BONK' })
  assert.ok(error instanceof UsageError)
  assert.match(error.message, /^--symbol: .*a\.csv says it in its column symbol$/)
})

test('bars of another length than their file says are told; they count, or the flag', async () => {
  const files = { 'SOLUSDT-5m.csv': bars(0, 60) }
  const found = await run(files)
  assert.equal(found.lines[0]?.rec.candle?.intervalMs, 60_000)
  assert.match(found.warnings.join(), /its name says bars of 5m, their step is 1m: 1m is taken$/)
  const stated = await run(files, { interval: 60_000 })
  assert.match(stated.warnings.join(), /its name says bars of 5m, --interval says 1m: 1m is taken$/)
  const agreed = await run({ 'SOLUSDT-5m.csv': bars(0, 300) })
  assert.deepEqual(agreed.warnings, [])
  // Unordered files are sorted on disk, where the same is seen.
  const { warnings } = await run({
    'SOLUSDT-5m.csv': csv(
      [120, 60, 0].map(at => row('', at).slice(1)),
      PLAIN,
    ),
  })
  assert.match(warnings.join(), /their step is 1m/)
})

test('the name tells the length of a single bar; two lengths are one mistake', async () => {
  const { lines } = await run({ 'SOLUSDT-5m.csv': bars(0, 300, 1) })
  assert.equal(lines[0]?.rec.candle?.intervalMs, 300_000)
  const { error } = await run({
    'SOLUSDT-5m.csv': bars(0, 300),
    'SOL_USDT-1h.csv': bars(0, 3600),
  })
  assert.ok(error instanceof UsageError)
  assert.match(error.message, /hold bars of two lengths of SOLUSDT: read one of them$/)
})

test('columns beside the bars become facts at their close; an empty cell is unknown', async () => {
  const head =
    'timestamp,open,high,low,close,volume,liquidity,marketCap,holders,age_hours,volume24h'
  const rows = ['0,1,2,0.5,1.5,10,5000,90000,12,,700', '7200,1,2,0.5,1.5,10,,,N/A,2,']
  const parts = (lines: Awaited<ReturnType<typeof run>>['lines']) =>
    lines.map(({ rec }) => [rec.kind, rec.ts, rec.token ?? rec.market ?? rec.candle?.openAt])
  const wanted = [
    ['token', 7_200_000, { holderCount: 12 }],
    [
      'market',
      7_200_000,
      { dex: 'unknown', liquidityUsd: 5000, marketCapUsd: 90_000, volumeUsd: { h24: 700 } },
    ],
    ['candle', 7_200_000, 0],
    // Two hours old when the bar closes.
    ['token', 14_400_000, { createdAt: 7_200_000 }],
    ['candle', 14_400_000, 7_200_000],
  ]
  for (const order of [rows, [...rows].reverse()]) {
    const { lines, error } = await run({ WIF: csv(order, head) })
    assert.equal(error, undefined)
    assert.deepEqual(parts(lines), wanted)
    assert.ok(lines.every(({ rec }) => fits('envelope', rec)))
  }
  const { error } = await run({ WIF: csv(['0,1,2,0.5,1.5,10,many,1,1,1,1'], head) })
  assert.ok(error instanceof DataError && error.field === 'liquidity')
})
