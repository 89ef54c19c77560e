import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { bootstrapByGroup } from '../../../lib/maths/confidence-interval.ts'
import { meanOf } from '../../../lib/maths/loss.ts'
import { readAliases } from '../../../lib/model/registry.ts'
import { brier } from '../../../lib/train/evaluate/proper.ts'
import { folder } from '../model/fixture.ts'
import { CHANGE, marketOf, simulateRows, textOf, WEEKS } from './six-months-market.ts'
import { MARKET, rowsOf, sixMonths, WINDOW, weeks } from './six-months-story.ts'

/** The second against the first by Brier score, at 5 % shared among `tests`. */
function judgeOf(label: Float64Array, ours: Float64Array, said: Float64Array, tests: number) {
  const gaps = label.map((y, i) => (said[i]! - y) ** 2 - (ours[i]! - y) ** 2)
  const units = Int32Array.from(gaps, (_, i) => i)
  const options = { runs: 20 * tests * 5, level: 1 - 0.05 / tests }
  const interval = bootstrapByGroup(units, weight => meanOf(gaps, weight), options)
  return { difference: meanOf(gaps), high: interval?.[1] ?? 0 }
}

test('the rows are those of the simulated market', () => {
  const known = new Map((MARKET[CHANGE] ?? []).map(row => [row.mint, textOf(row)]))
  const again = [...simulateRows(marketOf(CHANGE, 0.052))]
  assert.ok(again.length >= 3)
  for (const row of again) assert.equal(textOf(row), known.get(row.mint))
})

test(
  'six months with a change of the market, a bad candidate, a bad promotion and a killed ' +
    'training',
  async t => {
    const it = await sixMonths(folder(t))
    const { production = '' } = readAliases(it.dir)
    // The last week is new to all of them.
    const test = weeks(WEEKS - 1, WEEKS)
    const label = Float64Array.from(test, row => row.y)
    const ours = await it.score(production, test)
    const first = brier(label, await it.score('first', test))
    assert.ok(
      brier(label, ours) < 0.85 * first,
      `${production} ${brier(label, ours)}, first ${first}`,
    )
    // The best of so many on one week is best by luck; none may be better by more than chance, told
    // of all together.
    const versions = readdirSync(it.dir).filter(
      name => !name.includes('json') && name !== production,
    )
    for (const version of versions) {
      const said = await it.score(version, test)
      const { high = 0, difference } = judgeOf(label, ours, said, versions.length)
      assert.ok(high >= 0, `${version} is better than ${production} by ${-difference}`)
    }

    const jobs = rowsOf(it.home, 'ml_training_jobs')
    const promotions = rowsOf(it.home, 'promotions')
    const comparisons = rowsOf(it.home, 'ml_model_comparisons')
    const history = readFileSync(join(it.dir, 'history.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    for (const job of jobs.filter(row => row.state === 'started')) {
      const end = jobs.filter(row => row.startedAt === job.startedAt && row.state !== 'started')
      assert.equal(end.length, 1, `${job.id} ended ${end.length} times`)
      if (end[0]?.state === 'finished')
        assert.ok(
          comparisons.some(row => row.challenger === job.version),
          `${job.version} was not compared`,
        )
    }
    assert.equal(jobs.filter(row => row.reason === 'killed').length, 1)
    assert.ok(jobs.some(row => row.trigger === 'weekly' || row.trigger === 'rows'))
    assert.ok(
      jobs.some(row => row.trigger === 'degradation'),
      'the change of the market was not noticed',
    )
    assert.ok(
      promotions.some(row => row.action === 'promote') &&
        promotions.some(row => row.action === 'refuse'),
    )
    // Every change of an alias but those by hand has its row.
    const made = promotions.filter(row => row.action !== 'refuse')
    assert.equal(made.length, history.length - 2)
    for (const row of [...made, ...comparisons])
      assert.ok(Object.keys(row.metrics as object).length > 0, `${row.id} has no numbers`)
    // One look per week at least leaves a row.
    assert.ok(new Set([...jobs, ...promotions].map(row => row.ts)).size >= WEEKS - 1 - WINDOW)
  },
)
