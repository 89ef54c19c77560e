import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { auc } from '../maths/auc.ts'
import { meanOf } from '../maths/loss.ts'
import { type Bundle, featureName } from '../model/bundle.ts'
import { readBundle } from '../model/files.ts'
import { runTrain } from '../train/tabular/run-train.ts'
import type { TrainFlags } from '../train/train-flags.ts'
import { type Judgement, judge, type Paired } from './promotion-judge.ts'
import { knownUntil } from './recipe/recipe.ts'
import { type Loop, numbers } from './retraining.ts'
import { type Labelled, labelsOf, laterRows, scoreRows } from './rows/score-rows.ts'
import { type Made, refuse, type TrainStep } from './train-step.ts'
import { measuresOf, recordComparison } from './trial.ts'

/**
 * The bar of a version where nothing is in production. On tokens later than those it learned from
 * it has to beat the base rate of its training rows by more than chance. A version that learned yes
 * or no from a table has to beat a logistic regression on the best single feature, too. Then it
 * goes on trial, against the base rate.
 */
export async function againstNothing(loop: Loop, made: Made, step: TrainStep): Promise<void> {
  const { version, bundle, labelled } = made
  const { recipe, rules } = step
  const known = knownUntil(bundle)
  const rows = laterRows(labelled, known + recipe.horizon)
  if (rows.length < rules.minTokens)
    return refuse(
      loop,
      version,
      `${rows.length} of ${rules.minTokens} later tokens to compare on`,
      {
        rows: rows.length,
      },
    )
  const loaded = loop.load(version)
  const baseRate = baseRateOf(labelled, known)
  const said = await scoreRows(loaded, labelled, rows)
  const threshold = bundle.heads[0]?.threshold ?? 0.5
  const against = (champion: Float64Array[], seed: string): Judgement => {
    const paired: Paired = {
      aim: labelled.aim,
      labels: labelsOf(labelled, rows),
      champion,
      challenger: said,
    }
    return judge(paired, threshold, seed, rules)
  }
  const constant = baseRate.map(rate => new Float64Array(rows.length).fill(rate))
  const overRate = against(constant, version)
  await recordComparison(
    loop,
    'later',
    version,
    overRate,
    Float64Array.from(rows, i => labelled.time[i]!),
  )
  const metrics = { ...measuresOf(overRate), baseRate: baseRate[0] }
  const isBehind = (found: Judgement): boolean =>
    rules.acceptUnderpowered ? found.gain <= 0 : found.verdict !== 'better'
  const seen = Math.round(100 * overRate.power)
  const power = `${seen} % of gains of ${100 * rules.minGain} % are seen on ${rows.length} tokens`
  if (isBehind(overRate))
    return refuse(loop, version, `not better than the base rate; ${power}`, numbers(metrics))
  const single = await singleFeature(loop, made, step, rows)
  const overSingle = single === undefined ? undefined : against(single.said, `${version}/single`)
  const all = numbers({ ...metrics, gainOverSingleFeature: overSingle?.gain })
  if (overSingle !== undefined && isBehind(overSingle))
    return refuse(loop, version, `not better than ${single!.feature} alone; ${power}`, all)
  const accepted =
    overRate.verdict === 'better' && (overSingle?.verdict ?? 'better') === 'better'
      ? ''
      : '; underpowered, accepted by --accept-underpowered'
  const beaten =
    single === undefined ? 'the base rate' : `the base rate and ${single.feature} alone`
  const reason = `better than ${beaten} on later rows${accepted}`
  await loop.change('shadow', { ...loop.aliases(), shadow: version }, reason, all)
  loop.remember({ trial: { version, since: labelled.newest, baseRate } })
}

/**
 * What somebody says who knows the training rows and nothing of the line: shares of the classes, or
 * means of the numbers; a column each.
 */
function baseRateOf({ aim, labels, names, time }: Labelled, known: number): number[] {
  const trained = labels.map(column =>
    column.filter((y, i) => time[i]! <= known && !Number.isNaN(y)),
  )
  if (aim !== 'classes') return trained.map(column => meanOf(column))
  return names!.map((_, k) => meanOf(trained[0]!.map(y => Number(y === k))))
}

/** The logistic regression on the feature with the highest AUC among the rows learned from. */
async function singleFeature(
  loop: Loop,
  { version, bundle, labelled }: Made,
  { data, recipe, log }: TrainStep,
  rows: Int32Array,
): Promise<{ feature: string; said: Float64Array[] } | undefined> {
  const isTable = recipe.algo === 'gbdt' || recipe.algo === 'forest' || recipe.algo === 'logistic'
  if (!isTable || labelled.aim !== 'binary') return undefined
  const feature = bestFeature(bundle, labelled)
  if (feature === undefined) return undefined
  const beside = join(loop.dir, `.${version}.single.tmp`)
  const out = join(beside, loop.model, 'single')
  try {
    const flags: TrainFlags = { ...recipe, algo: 'logistic', features: [feature], out }
    await runTrain(data, flags, { out: { write: async () => undefined }, log })
    return { feature, said: await scoreRows(readBundle(out), labelled, rows) }
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
}

/** By AUC either way, unknown values as the mean; undefined where none tells the classes apart. */
function bestFeature(bundle: Bundle, labelled: Labelled): string | undefined {
  const [input] = bundle.inputs
  const names = (input?.features ?? []).map(featureName)
  const until = knownUntil(bundle)
  const rows = Int32Array.from(labelled.time.keys()).filter(
    i => labelled.time[i]! <= until && !Number.isNaN(labelled.labels[0]![i]!),
  )
  const label = Float64Array.from(rows, i => labelled.labels[0]![i]!)
  const [feed] = labelled.feeds(bundle, rows)
  const found = names.map((name, f) => {
    const column = Float64Array.from(rows, (_, i) => feed!.data[i * names.length + f]!)
    const known = column.filter(x => Number.isFinite(x))
    const mean = known.length === 0 ? 0 : meanOf(known)
    const area =
      auc(
        label,
        column.map(x => (Number.isFinite(x) ? x : mean)),
      )?.auc ?? 0.5
    return { name, edge: Math.abs(area - 0.5) }
  })
  const best = found.reduce((top, each) => (each.edge > top.edge ? each : top), {
    name: '',
    edge: 0,
  })
  return best.name === '' ? undefined : best.name
}
