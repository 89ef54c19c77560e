import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { defaultsOf } from '../../../lib/base/flags.ts'
import { makeRng } from '../../../lib/base/rng.ts'
import type { Arm } from '../../../lib/records/arm.ts'
import type { Position } from '../../../lib/records/position.ts'
import { armRows, compareArms } from '../../../lib/report/compare-arms.ts'
import { reportFlags } from '../../../lib/report/report-flags.ts'
import { runReport } from '../../../lib/report/run-report.ts'

const T = 1_763_640_000_000

const closed = (mint: string, arm: Arm | undefined, pnl: number, version = arm ?? '') => ({
  mint,
  position: {
    id: `p:${mint}`,
    status: 'closed',
    openedAt: T,
    closedAt: T + 1000,
    boughtAmount: '1',
    amount: '0',
    costLamports: '100000000',
    proceedsLamports: '100000000',
    feesLamports: '0',
    rentLamports: '0',
    pnlLamports: String(Math.round(pnl * 1e8)),
    pnl,
    entry: { decision: `d:${mint}`, ...(arm && { arm, versions: { moon: version } }) },
  } satisfies Position,
})

/** Positions of both sides around a mean return each. */
function market(champion: number, challenger: number, tokens: number) {
  const rng = makeRng('arms')
  return Array.from({ length: 2 * tokens }, (_, i) => {
    const arm: Arm = i % 2 === 0 ? 'champion' : 'challenger'
    const mean = arm === 'champion' ? champion : challenger
    return closed(`T${i}`, arm, mean + 0.1 * rng.normal(), arm === 'champion' ? '1' : '2')
  })
}

test('sides by hand; what has no side is left out; one side alone is no comparison', () => {
  const rows = [
    closed('a', 'champion', 0.1),
    closed('b', 'champion', -0.3),
    closed('c', 'challenger', 0.2),
    closed('d', undefined, 9),
  ]
  const found = compareArms(rows, 's')!
  assert.deepEqual(
    [found.champion.meanReturn, found.challenger.meanReturn, found.difference.value],
    [-0.1, 0.2, 0.3],
  )
  assert.deepEqual([found.champion.wins, found.champion.tokens], [1, 2])
  // Wilson, 1 of 2 at 95 %: 0.0945 to 0.9055.
  assert.ok(Math.abs(found.champion.winRate.low - 0.0945) < 1e-3)
  assert.equal(found.verdict, 'underpowered', 'three tokens say nothing')
  assert.equal(compareArms(rows.slice(0, 2), 's'), undefined)
})

test('better and worse only beyond the interval, which holds the truth', () => {
  const better = compareArms(market(0, 0.1, 200), 's')!
  assert.equal(better.verdict, 'better')
  assert.ok(better.difference.low! < 0.1 && better.difference.high! > 0.1)
  // Standard error of the difference: √(2·.1²/200) = .01, so the interval is about ±.0196.
  assert.ok(Math.abs(better.difference.high! - better.difference.low! - 0.0392) < 0.008)
  assert.equal(compareArms(market(0.1, 0, 200), 's')!.verdict, 'worse')
  assert.equal(compareArms(market(0, 0, 200), 's')!.verdict, 'underpowered')
})

test('report says it, and --keep-arms keeps a row for the model on trial', async t => {
  const home = mkdtempSync(join(tmpdir(), 'sluice-arms-'))
  t.after(() => rmSync(home, { recursive: true, force: true }))
  const path = join(home, 'trades.ndjson')
  const lines = market(0, 0.1, 40).map(({ mint, position }, i) =>
    JSON.stringify({
      v: 1,
      id: `position:${i}`,
      ts: T + i,
      kind: 'position',
      mint,
      source: 'execute',
      position,
    }),
  )
  writeFileSync(path, `${lines.join('\n')}\n`)
  let text = ''
  const run = (more: object) =>
    runReport(
      {
        ...defaultsOf(reportFlags),
        home,
        paths: [path],
        cash: undefined,
        format: 'ndjson',
        signal: new AbortController().signal,
        ...more,
      },
      { write: async more => void (text += more) },
    )
  await run({})
  const arms = text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
    .find(({ of }) => of === 'arms')
  assert.equal(arms.verdict, 'better')
  assert.equal(existsSync(join(home, 'rows')), false, 'nothing is kept unless asked for')
  text = ''
  await run({ keepArms: true, format: 'text' })
  assert.match(text, /Sides of --split\n {2}champion: 40 trades of 40 tokens/)
  const dir = join(home, 'rows/ml_model_comparisons')
  const [row] = readFileSync(join(dir, readdirSync(dir)[0]!), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  assert.deepEqual(
    [row.model, row.champion, row.challenger, row.rows, row.verdict],
    ['moon', '1', '2', 80, 'better'],
  )
  assert.equal(armRows([closed('a', 'champion', 0)], 's').length, 0)
  writeFileSync(path, `${lines[0]}\n`)
  await assert.rejects(run({ keepArms: true }), { code: 2, message: /no closed positions of both/ })
})
