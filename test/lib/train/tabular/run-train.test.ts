import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import train from '../../../../cmd/train.ts'
import { readManifest } from '../../../../lib/model/files.ts'
import { openDuck } from '../../../../lib/store/duck/duck.ts'
import { defaultFeatures } from '../../../../lib/train/data/default-features.ts'
import { runTrain } from '../../../../lib/train/tabular/run-train.ts'
import type { TrainFlags } from '../../../../lib/train/train-flags.ts'
import { folder } from '../../model/fixture.ts'

/** Flags as the command line gives them. */
const flags = (more: Partial<TrainFlags>): TrainFlags =>
  ({
    ...Object.fromEntries(
      Object.entries(train.flags).map(([name, { default: value }]) => [name, value]),
    ),
    ...more,
  }) as TrainFlags

async function run(file: string, more: Partial<TrainFlags>) {
  const lines: Record<string, unknown>[] = []
  const said: string[] = []
  const log = {
    info: (text: string) => said.push(text),
    warn: (text: string) => said.push(text),
    error: () => {},
  }
  await runTrain(file, flags(more), {
    out: { write: async text => void lines.push(JSON.parse(text)) },
    log: log as never,
  })
  return { lines, said }
}

/**
 * Labelled rows of an export: the label follows priceChange1, `peak` and `return` give it away;
 * `one` class if wanted.
 */
const ROWS = (from: number, rows: number, one = false): string => `
  SELECT 'market:p' || i || ':1' AS id, 'm' || (i % 40) AS mint, 1700000000000 + i * 60000 AS ts,
  'n10' AS horizon,
    1700000600000 + i * 60000 AS "availableAt", false AS censored, y::DOUBLE AS "return",
    y::DOUBLE AS peak,
    y::DOUBLE AS "futureMaxGain", ${one ? 'false' : 'y = 1'} AS "willMoon",
    x AS "pool.priceChange1", sin(i * 7.0) AS "pool.priceChange3",
    0.5 AS "tabular.riskScore", [1.0::FLOAT, 2.0::FLOAT] AS "sequence.candles"
  FROM (SELECT i, x, (sin(i * 91.7) + 2 * x > 0)::INT AS y FROM (SELECT i, sin(i * 12.9) AS x
  FROM range(${from}, ${from + rows}) t(i)))`

async function makeExport(dir: string, valid: number, oneClass = false): Promise<void> {
  const duck = await openDuck(':memory:')
  writeFileSync(join(dir, 'manifest.json'), '{}')
  const parts = { train: ROWS(0, 400), valid: ROWS(400, valid, oneClass), test: ROWS(600, 100) }
  for (const [part, rows] of Object.entries(parts))
    await duck.run(`COPY (${rows}) TO '${join(dir, `${part}.parquet`)}' (FORMAT parquet)`)
  duck.close()
}

const auc = (lines: Record<string, unknown>[]): unknown =>
  lines.find(line => line.part === 'test' && line.name === 'auc')?.value

for (const [valid, oneClass, words] of [
  [0, false, /stopping part has no rows, 50 are needed.*calibration part has no rows, 50/s],
  [1, false, /stopping part has (no rows|1 row),.*calibration part has (no rows|1 row),/s],
  [11, false, /stopping part has (5|6) rows,.*calibration part has (5|6) rows,/s],
  [
    140,
    true,
    /all 70 rows of the stopping part are 0.*rarer class has no rows in the calibration part, 10/s,
  ],
] as const) {
  test(
    `an export whose valid part has ${valid} rows${oneClass ? ' of one class' : ''}: trained ` +
      'without it, and said so',
    async t => {
      const dir = folder(t)
      await makeExport(dir, valid, oneClass)
      const out = join(dir, 'models', 'moon', '1')
      const { said, lines } = await run(dir, { kind: 'moon', label: 'willMoon', rounds: 8, out })
      assert.match(said.join('\n'), words)
      const bundle = readManifest(out)
      assert.match(bundle.notes.join('\n'), new RegExp(words.source, 'si'))
      assert.match(readFileSync(join(out, 'CARD.md'), 'utf8'), new RegExp(words.source, 'si'))
      assert.equal(bundle.algorithm.settings.kept, 8)
      assert.equal(bundle.heads[0]?.calibration, 'none')
      assert.ok((auc(lines) as number) > 0.8)
    },
  )
}

test('training or test parts that cannot serve are named', async t => {
  const dir = folder(t)
  await makeExport(dir, 140)
  const duck = await openDuck(':memory:')
  const put = (part: string, rows: string): Promise<unknown> =>
    duck.run(`COPY (${rows}) TO '${join(dir, `${part}.parquet`)}' (FORMAT parquet)`)
  await put('test', ROWS(600, 0))
  const untested = await run(dir, { kind: 'moon', label: 'willMoon', rounds: 5 })
  assert.match(untested.said.join('\n'), /not tested: the test part has no rows/)
  await put('test', ROWS(600, 30, true))
  assert.match(
    (await run(dir, { kind: 'moon', label: 'willMoon', rounds: 5 })).said.join(),
    /no test AUC: all 30 rows .* are 0/,
  )
  await put('train', ROWS(0, 100, true))
  await assert.rejects(
    run(dir, { kind: 'moon', label: 'willMoon' }),
    /all 100 rows are 0; two classes are needed/,
  )
  await put('train', ROWS(0, 0))
  await assert.rejects(run(dir, { kind: 'moon', label: 'willMoon' }), /no training rows are left/)
  assert.equal(existsSync(join(dir, 'models')), false)
  duck.close()
})

test(
  'a flat file of train-export: only features of the set are learned, never the label or the ' +
    'time',
  async t => {
    const dir = folder(t)
    const duck = await openDuck(':memory:')
    const file = join(dir, 'rows.parquet')
    await duck.run(`COPY (${ROWS(0, 600)}) TO '${file}' (FORMAT parquet)`)
    const out = join(dir, 'models', 'moon', '1')
    const { lines } = await run(file, {
      kind: 'moon',
      label: 'willMoon',
      time: 'ts',
      rounds: 20,
      out,
    })
    assert.deepEqual(
      readManifest(out).inputs[0]?.features?.map(id => id.split('@')[0]),
      ['priceChange1', 'priceChange3'],
    )
    // y = 1 where sin(…) + 2x > 0: x alone does not decide it, `return` would (AUC 1).
    assert.ok((auc(lines) as number) < 0.99)
    const bare = join(dir, 'bare.parquet')
    const rest =
      '* EXCLUDE ("pool.priceChange1", "pool.priceChange3", "tabular.riskScore", ' +
      '"sequence.candles")'
    await duck.run(
      `COPY (SELECT ${rest}, "pool.priceChange1" AS x, "pool.priceChange3" AS w FROM ` +
        `(${ROWS(0, 600)})) TO '${bare}' (FORMAT parquet)`,
    )
    const plain = await run(bare, { kind: 'moon', label: 'willMoon', time: 'ts', rounds: 20 })
    assert.match(
      plain.said.join('\n'),
      /not learned from: availableAt, censored, return, peak, futureMaxGain;/,
    )
    assert.ok((auc(plain.lines) as number) < 0.99)
    duck.close()
  },
)

test('default features: by set where there are sets; every field of the label is left out', () => {
  const wanted = { set: 'pool', taken: ['willMoon'] }
  assert.deepEqual(
    defaultFeatures('f', ['ts', 'pool.a', 'tabular.b', 'peak', 'willMoon'], wanted).columns,
    ['pool.a'],
  )
  assert.throws(
    () => defaultFeatures('f', ['tabular.b', 'opportunity.c'], wanted),
    /no features of set pool, but of tabular, opportunity; name one with --set/,
  )
  assert.throws(
    () => defaultFeatures('f', ['ts', 'troughAt', 'whaleTrades'], wanted),
    /no numeric column/,
  )
})
