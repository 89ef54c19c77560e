import { basename, dirname, resolve } from 'node:path'
import type { Log, Output } from '../command.ts'
import { UsageError } from '../errors.ts'
import type { Kind } from '../model/bundle.ts'
import { aimOf, HEADS, SET_OF } from '../model/heads.ts'
import { OUTCOMES } from '../records/prediction.ts'
import { encode } from '../stream/encode.ts'
import type { About } from './build.ts'
import { defaultFeatures } from './default-features.ts'
import type { FitSettings, PartOptions, Whole } from './fit.ts'
import { measureFolds } from './folds.ts'
import { groupNumbers } from './metrics/interval.ts'
import { type Examples, isExport, readExport } from './read-export.ts'
import { numericColumns, type Rows, readTable } from './read-table.ts'
import type { PriceUnits } from './serve.ts'
import { inputOf } from './set-input.ts'
import { importanceOf, trainHead, writeTrained } from './train.ts'

/** Flags of `sluice train`. */
export interface TrainFlags extends Omit<FitSettings, 'objective' | 'classes' | 'l2' | 'algo' | 'patience'> {
  algo: FitSettings['algo'] | undefined
  patience: number | undefined
  features: readonly string[] | undefined
  label: string
  time: string | undefined
  group: string | undefined
  weight: string | undefined
  kind: Exclude<Kind, 'volatility'>
  head: string | undefined
  set: string | undefined
  prices: readonly string[] | undefined
  out: string | undefined
  l2: number | undefined
  valid: number
  test: number
  folds: number
  horizon: number
  embargo: number
  disjoint: boolean
  threshold: number
  note: string | undefined
  importance: boolean
}

/** Reads the table, trains, prints a metric a line and writes the bundle. */
export async function runTrain(file: string, flags: TrainFlags, out: Output, log: Log): Promise<void> {
  const { features, rows, made } = isExport(file) ? await readExport(file, flags) : await readFlat(file, flags, log)
  const whole = wholeOf(rows, flags)
  const head = flags.head ?? (HEADS[flags.kind][0] as string)
  if (!HEADS[flags.kind].includes(head))
    throw new UsageError(`--head ${head}: a model of kind ${flags.kind} has ${HEADS[flags.kind].join(', ')}`)
  const options = {
    whole,
    head,
    settings: settingsOf(flags, head),
    split: { ...splitOf(flags), ...(made === undefined ? {} : { made }) },
    prices: pricesOf(features, flags.prices),
    about: aboutOf(file, features, flags),
    onRound: (round: number) => {
      if (round % 50 === 49) log.info(`round ${round + 1}`)
    },
  }
  for (const metric of flags.folds > 0 ? measureFolds(options, flags.folds) : []) await out.write(`${encode(metric)}\n`)
  const { trained, metrics } = trainHead(options)
  for (const remark of trained.fitted.remarks) log.warn(remark)
  for (const metric of metrics) await out.write(`${encode(metric)}\n`)
  if (flags.importance) for (const line of importanceOf(trained)) await out.write(`${encode(line)}\n`)
  if (flags.out === undefined) return
  const bundle = await writeTrained(flags.out, trained, options.about, metrics)
  const { name, version, model } = bundle
  await out.write(
    `${encode({ bundle: { name, version, dir: flags.out, sha256: model.sha256, bytes: model.bytes } })}\n`,
  )
}

async function readFlat(file: string, flags: TrainFlags, log: Log): Promise<Examples> {
  if (flags.features !== undefined)
    return {
      features: flags.features,
      rows: await readTable(file, { ...flags, features: flags.features }),
      made: undefined,
    }
  const taken = [flags.label, flags.time, flags.group, flags.weight]
  const set = flags.set ?? SET_OF[flags.kind]
  const { columns, names, leftOut } = defaultFeatures(file, await numericColumns(file), { set, taken })
  if (leftOut.length > 0) log.info(`not learned from: ${leftOut.join(', ')}; name columns with --features to have them`)
  const rows = await readTable(file, { ...flags, features: columns })
  return { features: names, rows: { ...rows, table: { ...rows.table, names } }, made: undefined }
}

/** Labels of kind outcome are words of the class list; all others are numbers. */
function wholeOf(rows: Rows, flags: TrainFlags): Whole {
  const { table, time, groups, weight } = rows
  const label = flags.kind === 'outcome' ? Float64Array.from(rows.words, word => classOf(word)) : rows.label
  return {
    table,
    label,
    time,
    ...(groups === undefined ? {} : { groups: groupNumbers(groups) }),
    ...(weight === undefined ? {} : { weight }),
  }
}

/** Number of an outcome by its name, or by the number itself. */
export function classOf(word: string): number {
  const k = (OUTCOMES as readonly string[]).indexOf(word)
  return k >= 0 ? k : Number(word)
}

const OBJECTIVES = { binary: 'binary', classes: 'multiclass', numbers: 'regression' } as const

function settingsOf(flags: TrainFlags, head: string): FitSettings {
  const objective = OBJECTIVES[aimOf(head)]
  const { algo = 'gbdt', patience = 20 } = flags
  const { rounds, leaves, rate, minLeaf, trees, rowShare, featureShare, seed, calibrate } = flags
  const l2 = flags.l2 ?? (algo === 'logistic' ? 1 : 0)
  const own = { algo, rounds, leaves, rate, minLeaf, trees, rowShare, featureShare, patience, seed, calibrate }
  return { ...own, objective, classes: OUTCOMES.length, l2 }
}

const splitOf = (flags: TrainFlags): PartOptions => ({
  valid: flags.valid,
  test: flags.test,
  horizonMs: flags.horizon,
  embargoMs: flags.embargo,
  isDisjoint: flags.disjoint,
})

/** Price columns and the close itself, by position. Throws UsageError when there is no close to divide by. */
export function pricesOf(features: readonly string[], names: readonly string[] | undefined): PriceUnits | undefined {
  if (names === undefined) return undefined
  const at = (name: string): number => {
    const f = features.indexOf(name)
    if (f < 0) throw new UsageError(`--prices needs the column ${name} among the features`)
    return f
  }
  return { by: at('close'), columns: [...new Set(['close', ...names])].map(at) }
}

function aboutOf(file: string, features: readonly string[], flags: TrainFlags): About {
  const dir = resolve(flags.out ?? 'models/unnamed/0')
  const labels = flags.kind === 'outcome' ? { labels: OUTCOMES } : {}
  return {
    name: basename(dirname(dir)),
    version: basename(dir),
    kind: flags.kind,
    input: inputOf(flags.set ?? SET_OF[flags.kind], features),
    ...labels,
    source: basename(file),
    label: flags.label,
    threshold: flags.threshold,
    notes:
      flags.note === undefined
        ? ['Past performance on recorded data says nothing certain about the future.']
        : [flags.note],
  }
}
