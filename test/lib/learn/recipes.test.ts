import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { TemporaryError } from '../../../lib/base/errors.ts'
import { readRecipe, recipeNames } from '../../../lib/learn/recipe/model-recipe.ts'
import { horizonMs } from '../../../lib/learn/recipe/recipe-flags.ts'
import { readAliases } from '../../../lib/model/registry.ts'
import { folder } from '../model/fixture.ts'
import { journalRows, LATER, lookAt, SHIPPED } from './home-market.ts'
import { type MarketRow, START, weekOf } from './market.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** The tokens of a week within one day: fewer days are fewer files. */
const dayOf = (day: number, changeAt: number, tokens = 500): MarketRow[] =>
  weekOf(day, changeAt, tokens).map(row => ({
    ...row,
    ts: START + Math.floor((row.ts - START) / 7),
  }))

test('every shipped recipe fits, and says what the model is made of', () => {
  const told = recipeNames([SHIPPED]).map(name => {
    const { kind, label, horizons, set, algo, schedule } = readRecipe(name, [SHIPPED])!
    return [name, kind, label, horizons.join(), set, algo, schedule]
  })
  assert.deepEqual(told, [
    ['moon', 'moon', 'willMoon', 'n10', 'pool', 'gbdt', 'weekly'],
    ['opportunity', 'opportunity', 'success', 'path', 'opportunity', 'forest', 'weekly'],
    ['outcome', 'outcome', 'outcome', 'h1', 'tabular', 'gbdt', 'weekly'],
    ['price', 'price', undefined, 'h1', 'price', 'network', 'daily'],
    ['rug', 'rug', 'rug', 'h1', 'pool', 'gbdt', 'weekly'],
    ['sequence', 'sequence', undefined, 'h1,h24', 'sequence', 'network', 'daily'],
    ['volatility', 'volatility', undefined, '', 'volatility', 'garch', 'daily'],
  ])
  assert.deepEqual(['m5', 'h1', 'd2', 'n10', 'path'].map(horizonMs), [
    300_000,
    HOUR,
    48 * HOUR,
    3_000_000,
    0,
  ])
})

test('a recipe changed by hand is refused with the name of the field that does not fit', t => {
  const root = folder(t)
  mkdirSync(join(root, 'moon'))
  const read = (recipe: unknown) => {
    const text = typeof recipe === 'string' ? recipe : JSON.stringify(recipe)
    writeFileSync(join(root, 'moon', 'recipe.json'), text)
    return readRecipe('moon', [root, SHIPPED])
  }
  const wrong: [unknown, RegExp][] = [
    ['{', /moon\/recipe\.json: .*JSON/],
    ['[]', /recipe\.json: expected an object/],
    [{ horizon: 'n10' }, /recipe\.json: unknown field "horizon"; did you mean horizons\?/],
    [{ horizons: 'n10' }, /: horizons: expected a list of texts, got "n10"/],
    [{ horizons: ['h1'] }, /: horizons: willMoon is known at a horizon of snapshots.*not at h1/],
    [{ horizons: ['1h'] }, /: horizons: expected horizons such as m5, h1, n10 or path, got "1h"/],
    [{ label: 'outcome' }, /: label: outcome is no label for a model of kind moon/],
    [{ label: 'y' }, /: label: expected one of profitable, rug.* got "y"/],
    [{ label: 'rug' }, /: horizons: rug is known at a horizon of time, like h1, not at n10/],
    [{ algo: 'network' }, /: algo: there is no network of kind moon/],
    [{ algo: 'garch' }, /: algo: garch makes models of kind volatility/],
    [{ kind: 'price', algo: 'gbdt' }, /: algo: a model of kind price is trained by network/],
    [{ features: ['priceChange11'] }, /: features: set pool has no "priceChange11"; did you/],
    [{ features: ['k', 1] }, /: features: expected a list of texts/],
    [{ minRows: 0.5 }, /: minRows: expected a whole number of at least 2, got 0\.5/],
    [{ minRows: '1000' }, /: minRows: expected a whole number, got "1000"/],
    [{ minGain: 2 }, /: minGain: expected a number from 0 to 1, got 2/],
    [{ schedule: 'hourly' }, /: schedule: expected one of daily, weekly, got "hourly"/],
    [{ parameters: { leaves: 1 } }, /: parameters\.leaves: expected a whole number from 2 to 1024/],
    [{ parameters: { leave: 9 } }, /: parameters\.leave: gbdt has none.*did you mean leaves/],
    [{ algo: 'forest', parameters: { rate: 0.1 } }, /: parameters\.rate: forest has none/],
    [{ parameters: [] }, /: parameters: expected an object/],
    [{ trainer: ' ' }, /: trainer: expected a command in one line, got " "/],
  ]
  for (const [recipe, expected] of wrong)
    assert.throws(() => read(recipe), expected, JSON.stringify(recipe))
  // What is said at home wins, what is not said is that of the program.
  const own = read({ algo: 'forest', parameters: { trees: 30 }, minRows: 50 })!
  assert.deepEqual(
    [own.algo, own.parameters, own.minRows, own.label, own.horizons],
    ['forest', { trees: 30 }, 50, 'willMoon', ['n10']],
  )
})

test('from an empty home to production and out again, by looks alone', async t => {
  const home = folder(t)
  const models = join(home, 'models')
  mkdirSync(join(models, 'moon'), { recursive: true })
  // Fewer rounds, so that the test is quick.
  const recipe = { parameters: { rounds: 30, leaves: 7, rate: 0.2 } }
  writeFileSync(join(models, 'moon', 'recipe.json'), JSON.stringify(recipe))
  const aliases = () => readAliases(join(models, 'moon'))
  const look = (at: number, more = {}) => lookAt(home, at, ['moon'], more)
  const guard = (at: number) => look(at, { isGuard: true, trial: 12 * HOUR })

  const empty = lookAt(home, START, [])
  await assert.rejects(empty, TemporaryError)
  const few = dayOf(0, 0).slice(0, 400)
  await journalRows(home, few)
  const lacking: string[] = []
  const log = { info() {}, warn: (text: string) => void lacking.push(text), error() {} }
  await assert.rejects(look(START + DAY, { log }), TemporaryError)
  assert.deepEqual(lacking, ['moon: 400 of 1,000 labelled rows'])

  for (const day of [1, 2, 3]) await journalRows(home, dayOf(day, 0))
  const first = await look(START + 4 * DAY)
  assert.deepEqual(
    first.told.map(text => text.replace(/ on later rows$/, '')),
    [
      'started',
      'finished',
      'better',
      'shadow: better than the base rate and consecutiveGains alone',
    ],
    JSON.stringify(first),
  )
  const { shadow: v1 = '' } = aliases()
  assert.equal(aliases().production, undefined)

  // On trial by the hour. Nothing is in production before it is shown.
  const day4 = dayOf(4, 0)
  await journalRows(home, day4.slice(0, 60))
  assert.deepEqual((await guard(day4[60]!.ts + LATER)).told, [])
  await journalRows(home, day4.slice(60))
  const shown = await guard(START + 5 * DAY + HOUR)
  assert.deepEqual(shown.told, ['better', 'promote: shown to be better on trial'])
  assert.deepEqual(aliases(), { production: v1 })
  const metrics = shown.lines.at(-1)!.metrics as Record<string, number>
  assert.ok(metrics.eValue! >= 20 && metrics.sequenceLow! > 0, JSON.stringify(metrics))

  // A good week; then the market turns on a Monday.
  await journalRows(home, dayOf(5, 0))
  const calm = await guard(START + 6 * DAY + LATER)
  assert.deepEqual([calm.told, calm.alerts], [[], []])
  // A limit of the settings that it is below of is told once a day, and changes nothing.
  const strict = { isGuard: true, alertAccuracy: 0.99 }
  const below = await look(START + 6 * DAY + LATER + 1, strict)
  assert.equal(below.alerts.length, 1)
  assert.match(below.alerts[0]!, /"name":"accuracy".*right for 7\d\.\d % of \d+ tokens, limit 99 %/)
  assert.deepEqual((await look(START + 6 * DAY + LATER + 2, strict)).alerts, [])
  const bad = dayOf(6, 9, 1000)
  let gone: number | undefined
  for (let n = 0; n < bad.length && gone === undefined; n += 50) {
    await journalRows(home, bad.slice(n, n + 50))
    const seen = await guard(bad[n + 49]!.ts + LATER)
    if (seen.told.length === 0) continue
    assert.deepEqual(seen.told, [
      'withdraw: degraded, and there is no previous version: strategies alone',
    ])
    assert.match(seen.alerts[0]!, /degradation.*degraded: loss/)
    gone = n + 50
  }
  assert.ok(gone !== undefined && gone <= 200, `out after ${gone} tokens`)
  assert.deepEqual(aliases(), { previous: v1 })
})
