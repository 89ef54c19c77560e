import assert from 'node:assert/strict'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeRng } from '../../../lib/base/rng.ts'
import { SETS } from '../../../lib/features/sets.ts'
import {
  learnStatePath,
  readLearnState,
  writeLearnState,
} from '../../../lib/learn/retraining-state.ts'
import { readManifest } from '../../../lib/model/files.ts'
import { promoted, readAliases, rolledBack, writeAliases } from '../../../lib/model/registry.ts'
import { OUTCOMES } from '../../../lib/records/prediction.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { makeJournal } from '../../../lib/store/journal/journal.ts'
import { makeLine } from '../../../lib/stream/line.ts'
import { folder } from '../model/fixture.ts'
import { BAR, walkRows } from '../train/export-folder.ts'
import { lookAt } from './home-market.ts'

const TOKENS = 24
const BARS = 20
/** From this token on some are long enough to have a close after each horizon of `price`. */
const LONG = 22
const HOUR = 3_600_000

const tensor = (values: readonly number[], width: number) => ({
  shape: [values.length / width, width],
  data: Buffer.from(Float32Array.from(values).buffer).toString('base64'),
})

/** Values of the first features of a set, of which the first says what will come. */
function table(set: 'tabular' | 'opportunity', truth: number, rng: ReturnType<typeof makeRng>) {
  const names = SETS[set].features.slice(0, 4).map(({ name }) => name)
  const values = Object.fromEntries(
    names.map((name, k) => [name, k === 0 ? truth + 1.5 * rng.normal() : rng.normal()]),
  )
  return { hash: SETS[set].hash, ready: true, values }
}

/** Lines with every set that a shipped recipe reads, and their labels: tokens one after another. */
function* market(): Generator<Rec> {
  for (let token = 0; token < TOKENS; token++) {
    const mint = `T${token}`
    const rng = makeRng(mint)
    for (const row of walkRows(token < LONG ? BARS : 36, mint)) {
      const ts = row.ts + token * BARS * BAR
      const best = Number(row.labels.maxProfit)
      const truth = row.labels.profitable ? 1 : -1
      const head = { v: 1 as const, id: `market:${mint}:${ts}`, ts, kind: 'market', mint }
      const line = { ...head, source: 'test' }
      yield {
        ...line,
        features: {
          tabular: table('tabular', truth, rng),
          opportunity: table('opportunity', truth, rng),
          sequence: {
            hash: SETS.sequence.hash,
            ready: true,
            candles: tensor(row.candles, 5),
            indicators: { rsi14: row.values.rsi14 },
          },
          price: { hash: SETS.price.hash, ready: true, window: tensor(row.window, 10) },
        },
      } as unknown as Rec
      const known = { censored: false, availableAt: ts + HOUR }
      const outcome = OUTCOMES[truth > 0 ? 5 : rng.next() < 0.5 ? 0 : 1]
      const rug = truth < 0 && rng.next() < 0.5
      const profit = { profitable: truth > 0, maxProfit: best }
      yield { ...line, label: { horizon: 'h1', ...profit, rug, outcome, ...known } } as Rec
      yield { ...line, label: { horizon: 'path', success: truth > 0, ...known } } as Rec
    }
  }
}

/** Closes whose days are now calm, now wild: what a GARCH model knows and an EWMA less. */
function* closes(): Generator<Rec> {
  const rng = makeRng('closes')
  let [close, variance, last] = [1, 1e-4, 0]
  for (let k = 0; k < 3000; k++) {
    variance = 2e-5 + 0.25 * last ** 2 + 0.55 * variance
    last = Math.sqrt(variance) * rng.normal()
    close *= Math.exp(last)
    const ts = 1_700_000_100_000 + k * BAR
    const bar = { open: close, high: close, low: close, close, volume: 1 }
    const candle = { intervalMs: BAR, openAt: ts - BAR, ...bar }
    yield {
      v: 1,
      id: `candle:C:${ts}`,
      ts,
      kind: 'candle',
      mint: 'C',
      source: 'test',
      candle,
    } as Rec
  }
}

const SMALL = { minRows: 100, minTokens: 2 }
const OWN: Record<string, object> = {
  outcome: { ...SMALL, parameters: { rounds: 5 } },
  opportunity: { ...SMALL, parameters: { trees: 5 } },
  sequence: { ...SMALL, horizons: ['h1'], parameters: { net: 'small', epochs: 1 } },
  price: { ...SMALL, parameters: { epochs: 1 } },
  volatility: { minRows: 1000 },
}

/** A twin of a price model is on trial: tokens whose later closes are known count. */
async function isJudgedOnTrial(
  home: string,
  dir: string,
  version: string,
  at: number,
): Promise<void> {
  cpSync(join(dir, version), join(dir, 'twin'), { recursive: true })
  rmSync(join(dir, 'twin', 'SHA256SUMS'), { force: true })
  const bundle = { ...readManifest(join(dir, version)), version: 'twin' }
  writeFileSync(join(dir, 'twin', 'bundle.json'), JSON.stringify(bundle))
  const before = readAliases(dir)
  const change = { at, action: 'alias', reason: 'test' } as const
  writeAliases(dir, { ...change, before, after: { ...before, shadow: 'twin' } })
  const path = learnStatePath(home, 'price')
  writeLearnState(path, { ...readLearnState(path), trial: { version: 'twin', since: 0 } })
  const { lines } = await lookAt(home, at, ['price'], { isGuard: true, trialMost: 0 })
  const end = lines.at(-1) as { action: string; metrics: Record<string, number> }
  assert.deepEqual([end.action, end.metrics.rows, end.metrics.gain], ['retire', 24 - LONG, 0])
}

test('every shipped recipe trains, is compared, put to use and taken back', {
  timeout: 240_000,
}, async t => {
  const home = folder(t)
  const journal = makeJournal({ home, name: 'snapshots', fsync: 0, minFree: 0, recall: 0 })
  const all = [...market(), ...closes()].sort((a, b) => a.ts - b.ts)
  await journal.batch?.(all.map(makeLine), () => undefined)
  await journal.close?.()
  const at = all.at(-1)!.ts + HOUR
  for (const [name, recipe] of Object.entries(OWN)) {
    const dir = join(home, 'models', name)
    mkdirSync(dir, { recursive: true })
    writeFileSync(join(dir, 'recipe.json'), JSON.stringify(recipe))
    const first = await lookAt(home, at, [name], { isManual: true })
    const text = `${name}: ${JSON.stringify(first)}`
    assert.deepEqual(first.told.slice(0, 2), ['started', 'finished'], text)
    const { version } = first.lines[1] as { version: string }
    const { data, kind } = readManifest(join(dir, version))
    assert.equal(kind, name)
    if (name !== 'sequence' && kind !== 'price' && kind !== 'volatility')
      assert.equal(data.horizon, name === 'outcome' ? 'h1' : 'path')
    const last = first.lines.at(-1)!
    assert.equal(last.table, 'promotions', text)
    assert.ok(Object.keys(last.metrics as object).length > 0, text)

    // In use: the next one is held against it, and it can be taken back.
    const before = readAliases(dir)
    const change = { at, action: 'promote', reason: 'test' } as const
    if (before.production !== version)
      writeAliases(dir, { ...change, before, after: promoted(before, version) })
    // Networks are trained beside one in production by kinds.test.ts: that takes longer.
    if (name === 'price') await isJudgedOnTrial(home, dir, version, at)
    if (name === 'sequence' || name === 'price') continue
    const second = await lookAt(home, at + 1, [name], { isManual: true })
    const told = `${name}: ${JSON.stringify(second)}`
    assert.deepEqual(second.told.slice(0, 2), ['started', 'finished'], told)
    if (name !== 'volatility') {
      const compared = second.lines.find(line => line.table === 'ml_model_comparisons')
      assert.equal(compared?.champion, version, told)
    }
    const next = String(second.lines[1]!.version)
    const now = readAliases(dir)
    if (now.production !== next)
      writeAliases(dir, { ...change, before: now, after: promoted(now, next) })
    const used = readAliases(dir)
    writeAliases(dir, { ...change, action: 'rollback', before: used, after: rolledBack(used) })
    assert.equal(readAliases(dir).production, version)
  }
})
