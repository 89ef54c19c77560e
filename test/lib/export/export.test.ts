import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { DataError, UsageError } from '../../../lib/base/errors.ts'
import { makeRng } from '../../../lib/base/rng.ts'
import { type ExportOptions, makeCheck, makeExport } from '../../../lib/export/export-step.ts'
import { SETS } from '../../../lib/features/sets.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { openDuck } from '../../../lib/store/duck/duck.ts'
import { quote } from '../../../lib/store/duck/sql.ts'
import { type Line, makeLine } from '../../../lib/stream/line.ts'

const HOUR = 3_600_000
const T0 = Date.UTC(2026, 10, 1)
const freshDir = (): string => join(mkdtempSync(join(tmpdir(), 'sluice-export-')), 'set')

interface Row {
  i: number
  mint?: string
  values?: Record<string, number>
  label?: Record<string, unknown>
  more?: object
}

/** A labelled line `i` hours after the start; two lines per mint, so that mints live two hours. */
function row({ i, mint = `M${Math.floor(i / 2)}`, values = {}, label = {}, more = {} }: Row): Line {
  const rng = makeRng(`row-${i}`)
  const ts = T0 + i * HOUR
  const change = rng.normal() * 0.1
  return makeLine({
    v: 1,
    id: `market:p:${i}`,
    ts,
    kind: 'market',
    mint,
    source: 't',
    features: {
      pool: {
        hash: 'abc',
        ready: true,
        values: { a: rng.normal(), b: rng.next(), ...values },
        context: { c: i % 7 },
      },
    },
    label: {
      horizon: 'h1',
      hash: '0123456789ab',
      return: change,
      profitable: rng.next() < 0.4,
      censored: false,
      availableAt: ts + HOUR,
      ...label,
    },
    ...more,
  } as Rec)
}
const rows = (count: number, of: (i: number) => Partial<Row> = () => ({})): Line[] =>
  Array.from({ length: count }, (_, i) => row({ i, ...of(i) }))

const OPTIONS = {
  train: 0.7,
  valid: 0.15,
  embargo: 0,
  mintDisjoint: true,
  tensors: false,
  memory: 500 * 2 ** 20,
  trust: undefined,
}

async function exported(
  lines: readonly Line[],
  out: string,
  more: Partial<ExportOptions> = {},
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  const count = (what: string, by = 1): void => {
    counts[what] = (counts[what] ?? 0) + by
  }
  const step = makeExport({ ...OPTIONS, out, count, ...more })
  try {
    for (const line of lines) step.line?.(line, () => {})
    await step.end?.(() => {})
  } finally {
    await step.close?.()
  }
  return counts
}

async function ask(dir: string, split: string, sql: string): Promise<Record<string, unknown>[]> {
  const duck = await openDuck(':memory:')
  try {
    await duck.run(
      `CREATE VIEW t AS SELECT * FROM read_parquet(${quote(join(dir, `${split}.parquet`))})`,
    )
    return await duck.rows(sql)
  } finally {
    duck.close()
  }
}
const manifestOf = (dir: string) => JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8'))

// 100 hourly rows, labels known an hour later. quantile_disc(.7) of 0…99 is 69, of .85 is 84: valid
// from hour 69, test from hour 84. Without embargo row 68, known at 69, may stay. Mint M34 = rows
// 68, 69 begins in train: row 69 goes. M41 = 82, 83 and M42 = 84, 85 are whole. So train 0…68 = 69,
// valid 70…83 = 14, test 84…99 = 16.
test('splits by time with purge, embargo and whole mints', async () => {
  const out = freshDir()
  assert.deepEqual(await exported(rows(100), out), { train: 69, valid: 14, test: 16 })
  const manifest = manifestOf(out)
  assert.deepEqual(manifest.rows, { train: 69, valid: 14, test: 16 })
  assert.deepEqual(manifest.dropped, { purged: 0, mint: 1 })
  assert.deepEqual(manifest.window.valid, {
    fromAt: T0 + 70 * HOUR,
    untilAt: T0 + 83 * HOUR,
    knownAt: T0 + 84 * HOUR,
    mints: 7,
  })
  assert.deepEqual(manifest.features, ['pool.a', 'pool.b', 'pool.c'])
  assert.deepEqual(manifest.sets, { pool: 'abc' })
  assert.deepEqual(manifest.labelHashes, { h1: '0123456789ab' })
  assert.deepEqual(manifest.definitions, {}, 'a hash that this version does not make')
  // An embargo of two hours takes rows 67, 68 from train and 82, 83 from valid: known less than 2 h
  // before the next.
  const later = freshDir()
  assert.deepEqual(await exported(rows(100), later, { embargo: 2 * HOUR }), {
    train: 67,
    valid: 12,
    test: 16,
  })
  await makeCheck(later, () => {}).end?.(() => {})
})

test('the manifest lists the features of a set as its hash has them', async () => {
  const out = freshDir()
  const { hash, features } = SETS.pool
  const values = Object.fromEntries(features.map(({ name }, k) => [name, k]))
  await exported(
    rows(100, () => ({ more: { features: { pool: { hash, ready: true, values } } } })),
    out,
  )
  const listed = manifestOf(out).definitions.pool as string[]
  assert.equal(createHash('sha256').update(listed.join('\n')).digest('hex').slice(0, 12), hash)
})

test('columns: head, label, then features; unknown is NULL; same lines, same bytes', async () => {
  const [one, two] = [freshDir(), freshDir()]
  const lines = rows(60, i =>
    i === 3 ? { more: { features: { pool: { hash: 'abc', ready: true, values: { a: 1 } } } } } : {},
  )
  await exported(lines, one)
  await exported(lines, two)
  assert.equal(manifestOf(one).dataHash, manifestOf(two).dataHash)
  const columns = (await ask(one, 'train', 'DESCRIBE t')).map(
    c => `${c.column_name} ${c.column_type}`,
  )
  assert.deepEqual(columns.slice(0, 5), [
    'id VARCHAR',
    'mint VARCHAR',
    'ts BIGINT',
    'horizon VARCHAR',
    'availableAt BIGINT',
  ])
  assert.deepEqual(columns.slice(-3), ['pool.a DOUBLE', 'pool.b DOUBLE', 'pool.c DOUBLE'])
  assert.deepEqual(
    await ask(one, 'train', `SELECT "pool.a" a, "pool.b" b, rug FROM t WHERE id = 'market:p:3'`),
    [{ a: 1 }],
  )
})

test('rows without a ready set, cut off, or of another horizon are left out', async () => {
  const out = freshDir()
  const lines = rows(66, i => {
    if (i === 1) return { more: { features: { pool: { hash: 'abc', ready: false } } } }
    if (i === 3) return { label: { censored: true, reason: 'input-ended' } }
    return i === 5 ? { label: { horizon: 'h24' } } : {}
  })
  const counts = await exported(lines, out, { horizons: ['h1'] })
  assert.equal(counts['not-ready'], 1)
  assert.equal(
    (
      await ask(
        out,
        'train',
        `SELECT count(*) n FROM t WHERE id IN ('market:p:1', 'market:p:3', 'market:p:5')`,
      )
    )[0]?.n,
    0,
  )
})

test('tensors become lists of floats', async () => {
  const out = freshDir()
  const data = Buffer.from(new Float32Array([1.5, Number.NaN, -2, 3]).buffer).toString('base64')
  const window = { shape: [2, 2], data }
  const lines = rows(60, () => ({
    more: { features: { price: { hash: 'p', ready: true, window } } },
  }))
  await exported(lines, out, { tensors: true })
  assert.deepEqual(await ask(out, 'test', 'SELECT "price.window" w FROM t LIMIT 1'), [
    { w: [1.5, null, -2, 3] },
  ])
})

const planted: [string, Line[], RegExp][] = [
  [
    'the label as a feature',
    rows(100).map((line, i) => row({ i, values: { twin: line.rec.label!.return! } })),
    /pool\.twin follows return/,
  ],
  [
    'the label scaled and shifted',
    rows(100).map((line, i) => row({ i, values: { twin: 3 - 2 * line.rec.label!.return! } })),
    /feature equal to the label: pool\.twin/,
  ],
  [
    'a yes/no label as 0 and 1',
    rows(100).map((line, i) => row({ i, values: { twin: line.rec.label?.profitable ? 1 : 0 } })),
    /pool\.twin follows profitable/,
  ],
  [
    'a time after the row',
    rows(100, i => ({ values: { seen: i === 40 ? T0 + i * HOUR + 1 : 5 } })),
    /future timestamp: feature pool\.seen of market:p:40/,
  ],
  [
    'a label known before its row',
    rows(100, i => (i === 20 ? { label: { availableAt: T0 } } : {})),
    /label of market:p:20 is not later/,
  ],
  [
    'the same id twice',
    [...rows(100), row({ i: 7 })],
    /duplicate id: market:p:7 \(h1\) is there 2 times/,
  ],
]
test('a volume of the size of a time is no leak', async () => {
  const out = freshDir()
  // Balance volume, k or market cap of a token can be any number, also one a little above the time
  // of its row.
  const lines = rows(100, i => ({ values: { kConstant: i === 40 ? T0 + i * HOUR + 1 : 5 } }))
  assert.deepEqual(await exported(lines, out), { train: 69, valid: 14, test: 16 })
})

for (const [name, lines, message] of planted) {
  test(`a planted leak fails the export and leaves nothing: ${name}`, async () => {
    const out = freshDir()
    await assert.rejects(
      exported(lines, out),
      (error: unknown) => error instanceof DataError && message.test(error.message),
    )
    assert.ok(!existsSync(out) && !existsSync(`${out}.part`))
  })
}

test('in splits made elsewhere a mint on both sides and an overlap are found', async () => {
  const out = freshDir()
  await exported(rows(100), out)
  const duck = await openDuck(':memory:')
  const [train, valid] = ['train', 'valid'].map(split => quote(join(out, `${split}.parquet`)))
  await duck.run(
    `CREATE TABLE v AS SELECT * REPLACE ('other' AS id) FROM read_parquet(${valid}) LIMIT 1`,
  )
  await duck.run(`CREATE TABLE t AS SELECT * FROM read_parquet(${train}) UNION ALL SELECT * FROM v`)
  await duck.run(`COPY t TO ${train} (FORMAT parquet)`)
  duck.close()
  const found = await Promise.resolve(makeCheck(out, () => {}).end?.(() => {})).catch(
    error => error.message,
  )
  assert.match(found, /mint on both sides: M35 is in valid and train/)
  assert.match(found, /overlapping horizon: a label of train/)
})

test('mixed feature versions, too few mints and a foreign folder are refused', async () => {
  const mixed = rows(40, i =>
    i === 9 ? { more: { features: { pool: { hash: 'def', ready: true, values: { a: 1 } } } } } : {},
  )
  await assert.rejects(exported(mixed, freshDir()), /two versions in one export/)
  const meant = rows(40, i => (i === 9 ? { label: { hash: 'ba9876543210' } } : {}))
  await assert.rejects(
    exported(meant, freshDir()),
    (error: DataError) => /two versions/.test(error.message) && error.field === 'label.hash',
  )
  await assert.rejects(
    exported(
      rows(40, () => ({ mint: 'ONE' })),
      freshDir(),
    ),
    /--no-mint-disjoint/,
  )
  assert.equal(
    (
      await exported(
        rows(40, () => ({ mint: 'ONE' })),
        freshDir(),
        { mintDisjoint: false },
      )
    ).test,
    7, // quantile_disc(.85) of 0…39 is the 34th value, 33: test is 33…39.
  )
  await assert.rejects(exported([], freshDir()), DataError)
  const dir = mkdtempSync(join(tmpdir(), 'sluice-export-'))
  writeFileSync(join(dir, 'precious'), '')
  await assert.rejects(exported(rows(40), dir), UsageError)
  assert.ok(existsSync(join(dir, 'precious')))
})

test('an export that fails leaves the one before in place', async () => {
  const out = freshDir()
  await exported(rows(60), out)
  const before = manifestOf(out).dataHash
  await assert.rejects(exported([...rows(60), row({ i: 0 })], out), DataError)
  assert.equal(manifestOf(out).dataHash, before)
  await exported(rows(80), out)
  assert.notEqual(manifestOf(out).dataHash, before)
})

test('features that only a label could tell, and rows under another id, are refused', async () => {
  const known = (i: number) => row({ i }).rec.label as unknown as Record<string, number>
  const noise = makeRng('two percent')
  const leaking = rows(200, i => {
    const { return: change = 0, profitable } = known(i)
    const yes = Number(profitable)
    const noisy = noise.next() < 0.02 ? 1 - yes : yes
    return { values: { noisy, grown: Math.exp(10 * change), bent: Math.tanh(change) } }
  })
  await assert.rejects(exported(leaking, freshDir()), (error: Error) =>
    ['pool.noisy tells profitable', 'pool.grown tells return', 'pool.bent follows return'].every(
      text => error.message.includes(text),
    ),
  )
  const trust = ['pool.noisy', 'pool.grown', 'pool.bent']
  const out = freshDir()
  await exported(leaking, out, { trust })
  assert.deepEqual(manifestOf(out).trusted, trust)
  await makeCheck(out, () => {}).end?.(() => {})

  const steady = (i: number) => ({ values: { d: i + 0.5 } })
  const copied = [...rows(100, steady), row({ i: 5, ...steady(5), more: { id: 'market:q:5' } })]
  await assert.rejects(
    exported(copied, freshDir()),
    /equal rows: market:q:5 is market:p:5 under another id \(2 in all\)/,
  )
})
