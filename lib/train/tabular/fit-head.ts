/** Fit: rows cut into parts, and one head trained on them; nothing is measured or written. */
import { DataError } from '../../base/errors.ts'
import type { Values } from '../../base/flags.ts'
import { makeRng } from '../../base/rng.ts'
import { range, shuffle } from '../../maths/sample.ts'
import { divideTable, type PriceUnits } from '../../table/price-units.ts'
import { type Table, take, takeRows } from '../../table/table.ts'
import { type Split, splitByTime } from '../data/splits.ts'
import type { fitFlags, TrainFlags } from '../train-flags.ts'
import { type Boosted, trainBoost } from '../trees/boost.ts'
import { gainImportance } from '../trees/ensemble.ts'
import { trainForest } from '../trees/forest.ts'
import type { Helpers } from '../trees/helper-threads.ts'
import type { Objective } from '../trees/tree-loss.ts'
import { type Calibrator, fitCalibrator } from './calibration.ts'
import { trainLogistic } from './logistic.ts'
import { type Head, type Predictor, predictHead, scoreOf } from './serving-model.ts'
import { calibrationRefusal, stopRefusal, testRemark } from './slices.ts'

export interface FitSettings extends Values<typeof fitFlags>, Pick<TrainFlags, 'seed'> {
  algo: NonNullable<TrainFlags['algo']>
  objective: Objective
  classes: number
  l2: number
  patience: number
  /** Per feature +1 where boosting may only rise with it, −1 only fall, 0 free. */
  monotone?: readonly number[] | undefined
}

/** Where training runs and who watches it. */
export interface Surroundings {
  /** Threads that help to grow trees. */
  helpers?: Helpers | undefined
  /** Called after every round of boosting or tree of a forest. */
  onRound?: ((done: number, loss?: number) => void) | undefined
}

/** Rows of a part with their labels. */
export interface Part {
  table: Table
  label: Float64Array
  weight?: Float64Array
  rows: Int32Array
}

export interface Parts {
  train: Part
  /** Early stopping. */
  stop: Part
  /** Calibration: later than both. */
  calibration: Part
  test: Part
}

export interface Fitted {
  head: Head
  /** Rounds or trees kept. */
  size: number
  importance: Float64Array | undefined
  /** Out-of-bag predictions of a forest for the training rows, per output. */
  outOfBag: Float64Array[] | undefined
  /** What was left out for want of rows; for people, also in the card. */
  remarks: string[]
}

/** Rows of the whole with their label, weight, time and group. */
export interface Whole {
  table: Table
  label: Float64Array
  weight?: Float64Array | undefined
  time: Float64Array
  /** False when the times are only the order of the rows. */
  isTimed?: boolean
  groups?: Int32Array | undefined
}

type Cut = Pick<TrainFlags, 'valid' | 'test' | 'horizon' | 'embargo' | 'disjoint'>

/** How rows are cut into parts: with `disjoint` a group is on one side only. */
export interface PartOptions extends Cut {
  /** A split made elsewhere (train-export) is kept as it is. */
  made?: Split
}

/**
 * Training, stopping, calibration and test rows, in order of time, purged and with an embargo
 * between them.
 */
export function makeParts(whole: Whole, options: PartOptions): Parts {
  const groups = options.disjoint ? whole.groups : undefined
  const split =
    options.made ??
    splitByTime(whole.time, { ...options, ...(groups === undefined ? {} : { groups }) })
  const ofValid = splitByTime(take(whole.time, split.valid), { ...options, valid: 0, test: 0.5 })
  const back = (rows: Int32Array): Int32Array => rows.map(i => split.valid[i]!)
  return {
    train: partOf(whole, split.train),
    stop: partOf(whole, back(ofValid.train)),
    calibration: partOf(whole, back(ofValid.test)),
    test: partOf(whole, split.test),
  }
}

/** The given rows of the whole. */
export function partOf(whole: Whole, rows: Int32Array): Part {
  const { table, label, weight } = whole
  return {
    table: takeRows(table, rows),
    label: take(label, rows),
    ...(weight === undefined ? {} : { weight: take(weight, rows) }),
    rows,
  }
}

/** The same parts with price columns relative to the last close, as the graph will see them. */
export const withRelativePrices = (parts: Parts, prices: PriceUnits | undefined): Parts =>
  prices === undefined
    ? parts
    : (Object.fromEntries(
        Object.entries(parts).map(([name, part]) => [
          name,
          { ...part, table: divideTable(part.table, prices) },
        ]),
      ) as unknown as Parts)

/**
 * Trains one head. The parts hold features as the trees see them. Throws DataError for what cannot
 * be trained on.
 */
export function fitHead(
  name: string,
  parts: Parts,
  settings: FitSettings,
  around: Surroundings = {},
): Fitted {
  const { objective } = settings
  if (settings.algo === 'logistic' && objective !== 'binary')
    throw new DataError('logistic takes a 0/1 label; use gbdt or forest for numbers and classes', {
      field: 'label',
    })
  const rows = parts.train.rows.length
  if (settings.algo !== 'logistic' && rows < 2 * settings.minLeaf)
    throw new DataError(
      `${rows} training rows; a leaf holds at least ${settings.minLeaf}, so ` +
        `${2 * settings.minLeaf} are needed (--min-leaf)`,
    )
  const { predictor, remarks, ...made } = fitPredictor(parts, settings, around)
  const isCalibrated = objective === 'binary' && settings.calibrate
  const refusal = isCalibrated ? calibrationRefusal(parts) : undefined
  const calibration =
    isCalibrated && refusal === undefined ? calibrationOf(predictor, parts.calibration) : undefined
  const said = [...remarks, refusal, testRemark(parts, settings)].filter(text => text !== undefined)
  return {
    ...made,
    head: { name, predictor, ...(calibration === undefined ? {} : { calibration }) },
    remarks: said,
  }
}

type Made = Omit<Fitted, 'head'> & { predictor: Predictor }

const FOREST = { binary: 'share', multiclass: 'classes', regression: 'mean' } as const

function fitPredictor(parts: Parts, settings: FitSettings, around: Surroundings): Made {
  const width = parts.train.table.columns.length
  if (settings.algo === 'logistic') {
    const logistic = trainLogistic(parts.train, { l2: settings.l2 })
    return {
      predictor: { kind: 'logistic', logistic },
      size: 1,
      importance: undefined,
      outOfBag: undefined,
      remarks: [],
    }
  }
  if (settings.algo === 'forest') {
    const { onRound: onTree, helpers } = around
    const watch = onTree === undefined ? {} : { onTree }
    const { ensemble, outOfBag } = trainForest(
      parts.train,
      { ...settings, objective: FOREST[settings.objective], ...watch },
      helpers,
    )
    const importance = gainImportance(ensemble, width)
    return {
      predictor: { kind: 'trees', ensemble },
      size: settings.trees,
      importance,
      outOfBag,
      remarks: [],
    }
  }
  const refusal = settings.patience > 0 ? stopRefusal(parts, settings) : undefined
  const { ensemble, rounds } = boost(parts, settings, refusal === undefined, around)
  return {
    predictor: { kind: 'trees', ensemble },
    size: rounds,
    importance: gainImportance(ensemble, width),
    outOfBag: undefined,
    remarks: refusal === undefined ? [] : [refusal],
  }
}

/** Without a slice to stop on all rounds are kept. */
function boost(
  { train, stop }: Parts,
  settings: FitSettings,
  mayStop: boolean,
  { onRound, helpers }: Surroundings,
): Boosted {
  const valid = mayStop && settings.patience > 0 ? { valid: stop } : {}
  const watch =
    onRound === undefined
      ? {}
      : { onRound: (round: number, loss: number | undefined) => void onRound(round + 1, loss) }
  return trainBoost(train, { ...settings, ...valid, ...watch }, helpers)
}

const calibrationOf = (predictor: Predictor, part: Part): Calibrator =>
  fitCalibrator(scoreOf(predictor, part.table), part.label)

/**
 * How much `score` (larger = better) falls when a feature's column is shuffled among the rows of a
 * part: what the model really leans on (Breiman 2001). Features that share their information share
 * the fall.
 */
export function permutationImportance(
  head: Head,
  part: Part,
  score: (columns: readonly Float64Array[]) => number,
  seed: number,
): Float64Array {
  const rng = makeRng(`permutation/${seed}`)
  const of = (table: Table): number => score(predictHead(head, table))
  const whole = of(part.table)
  return Float64Array.from(part.table.columns, (column, f) => {
    const order = shuffle(range(part.table.rows), rng)
    const columns = part.table.columns.map((other, k) => (k === f ? take(column, order) : other))
    return whole - of({ ...part.table, columns })
  })
}
