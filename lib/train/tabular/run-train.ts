/** The command train for tables and exports: from its flags to metrics and a bundle. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, dirname, resolve } from 'node:path'
import { wallClock } from '../../base/clock.ts'
import type { Log, Output } from '../../base/console.ts'
import { DataError, UsageError } from '../../base/errors.ts'
import { didYouMean } from '../../base/suggest.ts'
import { groupNumbers } from '../../maths/confidence-interval.ts'
import { bundleLine } from '../../model/files.ts'
import { aimOf, HEADS, SET_OF } from '../../model/heads.ts'
import { unservable } from '../../model/servable.ts'
import { inputOf } from '../../model/set-input.ts'
import { OUTCOMES } from '../../records/prediction.ts'
import { encode } from '../../stream/encode.ts'
import type { PriceUnits } from '../../table/price-units.ts'
import { columnKinds, type Rows, readTable, textRemarks } from '../../table/read-table.ts'
import { writtenOf } from '../../table/time-flags.ts'
import {
  holdsUntil,
  idleColumns,
  labelSpan,
  rareLabel,
  refuseRepeats,
  UNTIL,
} from '../data/check-rows.ts'
import { binaryLabels, classLabels, numberLabels } from '../data/class-labels.ts'
import { defaultFeatures } from '../data/default-features.ts'
import { type Examples, isExport, readExport } from '../data/read-export.ts'
import { readPeers } from '../evaluate/peers.ts'
import { makeProgress } from '../progress.ts'
import { L2, PATIENCE, type TrainFlags } from '../train-flags.ts'
import type { Objective } from '../trees/tree-loss.ts'
import type { FitSettings, PartOptions, Whole } from './fit-head.ts'
import { type FitJob, runFit } from './fit-on-threads.ts'
import { trainingsOf } from './folds.ts'
import type { About } from './tabular-bundle.ts'
import { type TrainOptions, writeTrained } from './train-head.ts'

/** Metrics of folds and paths that the card has room for. */
const OF_FOLDS = [
  'rows',
  'baseRate',
  'auc',
  'brierSkill',
  'accuracy',
  'macroAuc',
  'rmse',
  'r2',
  'spearman',
]

/**
 * What a call of train learns from, and how. Throws UsageError and DataError for what does not fit.
 */
export async function readJob(file: string, flags: TrainFlags, log: Log): Promise<TrainOptions> {
  const head = flags.head ?? HEADS[flags.kind][0]!
  if (!HEADS[flags.kind].includes(head))
    throw new UsageError(
      `--head ${head}: a model of kind ${flags.kind} has ${HEADS[flags.kind].join(', ')}`,
    )
  const peers = flags.peers === undefined ? {} : { peers: readPeers(flags.peers) }
  const examples = isExport(file) ? await readExport(file, flags) : await readFlat(file, flags, log)
  const { features, rows, made } = examples
  const rare = rareLabel(flags.label, rows.words)
  if (rare !== undefined) log.warn(rare)
  const settings = settingsOf(flags, head)
  const span = labelSpan(rows, wallClock.now())
  if (span > flags.horizon && made === undefined)
    log.info(`purging by ${span / 1000} s: so long after its row a label was known (${UNTIL})`)
  for (const remark of [...rows.remarks, ...idleColumns(rows)]) log.warn(remark)
  return {
    whole: wholeOf(rows, flags, settings.objective),
    head,
    settings: { ...settings, monotone: monotoneOf(features, flags) },
    split: {
      ...splitOf(flags),
      horizon: Math.max(flags.horizon, span),
      ...(made === undefined ? {} : { made }),
    },
    prices: pricesOf(features, flags.prices),
    about: { ...aboutOf(file, examples, flags), ...peers },
  }
}

/**
 * Reads the table, trains on threads, prints a metric a line and writes the bundle. Stopped,
 * nothing is written.
 */
export async function runTrain(
  file: string,
  flags: TrainFlags,
  { out, log, signal }: { out: Output; log: Log; signal?: AbortSignal },
): Promise<void> {
  if (flags.out !== undefined && existsSync(flags.out))
    throw new UsageError(`${flags.out} exists; versions are never overwritten, choose another`)
  const options = await readJob(file, flags, log)
  const fit = await fitWithProgress(
    { options, folds: flags.folds, importance: flags.importance },
    flags,
    signal,
  )
  if (fit === undefined) {
    log.warn('stopped; nothing was written')
    return
  }
  const { folds, trained, metrics, importance } = fit
  for (const remark of trained.fitted.remarks) log.warn(remark)
  for (const line of [...folds, ...metrics, ...importance]) await out.write(`${encode(line)}\n`)
  if (flags.out === undefined) return
  const bundle = await writeTrained(flags.out, trained, options.about, [
    ...metrics,
    ...folds.filter(({ name }) => OF_FOLDS.includes(name)),
  ])
  await out.write(bundleLine(bundle, flags.out))
  const reason = unservable(bundle)
  if (reason !== undefined) log.warn(`no line can be scored by this version: ${reason}`)
}

async function fitWithProgress(job: FitJob, flags: TrainFlags, signal: AbortSignal | undefined) {
  const progress = makeProgress(
    1,
    wallClock.monotonic,
    flags.algo === 'forest' ? 'trees' : 'rounds',
  )
  const steps =
    (flags.algo === 'forest' ? flags.trees : flags.rounds) * (1 + trainingsOf(flags.folds))
  let [before, last] = [0, 0]
  try {
    return await runFit(job, {
      threads: flags.threads ?? availableParallelism(),
      signal,
      onRound(done, loss) {
        // Every fold counts anew.
        if (done < last) before += last
        last = done
        progress.show({ step: before + done, steps, loss })
      },
    })
  } finally {
    progress.clear()
  }
}

/**
 * `--monotone a:+1,b:-1` as one number per feature. Throws UsageError for other words and other
 * algorithms.
 */
function monotoneOf(
  features: readonly string[],
  { monotone, algo = 'gbdt' }: TrainFlags,
): number[] | undefined {
  if (monotone === undefined) return undefined
  if (algo !== 'gbdt')
    throw new UsageError(`--monotone: only --algo gbdt keeps such constraints, not ${algo}`)
  const ways = features.map(() => 0)
  for (const item of monotone) {
    const [, name, way] = /^(.+):([+-]1|1)$/.exec(item) ?? []
    if (name === undefined)
      throw new UsageError(`--monotone ${item}: expected FEATURE:+1 or FEATURE:-1`)
    const f = features.indexOf(name)
    if (f < 0)
      throw new UsageError(`--monotone: no feature ${name}${didYouMean(name, [...features])}`)
    ways[f] = Number(way)
  }
  return ways
}

async function readFlat(file: string, flags: TrainFlags, log: Log): Promise<Examples> {
  await refuseRepeats(file, flags.features)
  const until = flags.time !== undefined && (await holdsUntil(file)) ? UNTIL : undefined
  const written = writtenOf(flags)
  if (flags.features !== undefined)
    return {
      features: flags.features,
      rows: await readTable(file, { ...flags, until, features: flags.features }, written),
      made: undefined,
    }
  const taken = [flags.label, flags.time, flags.group, flags.weight]
  const set = flags.set ?? SET_OF[flags.kind]
  const kinds = await columnKinds(file, written)
  const numeric = [...kinds].filter(([, { is }]) => is === 'number' || is === 'flag')
  const others = new Map([...kinds].filter(([name]) => !taken.includes(name) && name !== UNTIL))
  for (const remark of await textRemarks(file, others)) log.warn(`not learned from: ${remark}`)
  const { columns, names, leftOut } = defaultFeatures(
    file,
    numeric.map(([name]) => name),
    { set, taken },
  )
  if (leftOut.length > 0)
    log.info(`not learned from: ${leftOut.join(', ')}; name columns with --features to have them`)
  const rows = await readTable(file, { ...flags, until, features: columns }, written)
  return { features: names, rows: { ...rows, table: { ...rows.table, names } }, made: undefined }
}

/**
 * Labels of classes are their words or numbers, of yes and no 0 and 1 or two words. Weights are
 * numbers from 0.
 */
function wholeOf(
  { table, time, isTimed, groups, weight, words }: Rows,
  flags: TrainFlags,
  objective: Objective,
): Whole {
  const bad = weight?.findIndex(value => !(value >= 0 && value < Number.POSITIVE_INFINITY)) ?? -1
  if (bad >= 0)
    throw new DataError(`row ${bad + 1} is ${weight?.[bad]}, expected a number from 0`, {
      field: flags.weight,
    })
  return {
    table,
    label: labelsOf(words, flags, objective),
    time,
    isTimed,
    ...(groups === undefined ? {} : { groups: groupNumbers(groups) }),
    ...(weight === undefined ? {} : { weight }),
  }
}

function labelsOf(words: readonly string[], flags: TrainFlags, objective: Objective): Float64Array {
  if (objective === 'multiclass') return classLabels(words, OUTCOMES, flags.label)
  return objective === 'regression'
    ? numberLabels(words, flags.label)
    : binaryLabels(words, flags.positive, flags.label)
}

const OBJECTIVES = { binary: 'binary', classes: 'multiclass', numbers: 'regression' } as const

function settingsOf(flags: TrainFlags, head: string): FitSettings {
  const objective = OBJECTIVES[aimOf(head)]
  const { algo = 'gbdt', patience = PATIENCE.rounds } = flags
  const { rounds, leaves, rate, minLeaf, trees, rowShare, featureShare, seed, calibrate } = flags
  const l2 = flags.l2 ?? (algo === 'logistic' ? L2.logistic : L2.trees)
  const own = {
    algo,
    rounds,
    leaves,
    rate,
    minLeaf,
    trees,
    rowShare,
    featureShare,
    patience,
    seed,
    calibrate,
  }
  return { ...own, objective, classes: OUTCOMES.length, l2 }
}

const splitOf = ({ valid, test, horizon, embargo, disjoint }: TrainFlags): PartOptions => ({
  valid,
  test,
  horizon,
  embargo,
  disjoint,
})

/**
 * Price columns and the close itself, by position. Throws UsageError when there is no close to
 * divide by.
 */
function pricesOf(
  features: readonly string[],
  names: readonly string[] | undefined,
): PriceUnits | undefined {
  if (names === undefined) return undefined
  const at = (name: string): number => {
    const f = features.indexOf(name)
    if (f < 0) throw new UsageError(`--prices needs the column ${name} among the features`)
    return f
  }
  return { by: at('close'), columns: [...new Set(['close', ...names])].map(at) }
}

function aboutOf(file: string, examples: Examples, flags: TrainFlags): About {
  const { features, hash, declared, horizon, labelHash } = examples
  const dir = resolve(flags.out ?? 'models/unnamed/0')
  const labels = flags.kind === 'outcome' ? { labels: OUTCOMES } : {}
  return {
    name: basename(dirname(dir)),
    version: basename(dir),
    kind: flags.kind,
    input: inputOf(flags.set ?? SET_OF[flags.kind], features, hash, declared),
    ...labels,
    source: basename(file),
    label: flags.label,
    ...(horizon === undefined ? {} : { horizon }),
    ...(labelHash === undefined ? {} : { labelHash }),
    threshold: flags.threshold,
    notes:
      flags.note === undefined
        ? ['Past performance on recorded data says nothing certain about the future.']
        : [flags.note],
  }
}
