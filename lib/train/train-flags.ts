import {
  bool,
  choice,
  duration,
  type Flag,
  file,
  grouped,
  int,
  list,
  num,
  text,
  type Values,
} from '../base/flags.ts'
import { combinationCount } from '../maths/combinations.ts'
import { MODEL_KINDS } from '../model/models-flag.ts'
import { writingFlags } from '../table/time-flags.ts'

/** Rounds of boosting, and epochs of a network, without gain before training ends. */
export const PATIENCE = { rounds: 20, epochs: 3 } as const
/** Threads that a network learns on: its bytes are the same for one and two. */
export const NETWORK_THREADS = 2
/** Penalty on leaf values of trees, and on weights of logistic regression. */
export const L2 = { trees: 0, logistic: 1 } as const

/** What is made, whatever it learns from. */
const kindFlags = {
  kind: choice('what the model is for', MODEL_KINDS, { default: 'sequence' }),
  algo: choice(
    'algorithm (default: network with --net, and for an export of kind sequence or price ' +
      'without --label; else gbdt)',
    ['gbdt', 'forest', 'logistic', 'network'] as const,
  ),
}

/** Combinatorial cross-validation: so many groups, of which so many are tested at a time. */
export interface Groups {
  groups: number
  tested: number
}

/** What `--folds cpcv` stands for: 15 splits and 5 paths. */
const USUAL: Groups = { groups: 6, tested: 2 }
/** A training per split: more of them take too long, and their paths overlap more and more. */
const MOST_SPLITS = 120
const MOST_GROUPS = 20
const walkForwardFolds = int('', { default: 0, min: 0, max: 50 })

/** `--folds`: walk-forward folds by number, or groups of combinatorial cross-validation. */
const folds: Flag<number | Groups> = {
  ...walkForwardFolds,
  kind: 'text',
  doc:
    'walk-forward folds to measure as well, 0 none; or cpcv, purged combinatorial ' +
    `cross-validation with ${USUAL.tested} of ${USUAL.groups} groups tested (cpcv:6,2), or others`,
  value: 'N|cpcv',
  parse: written => {
    if (written === 'cpcv') return USUAL
    const [, groups, tested] = /^cpcv:(\d{1,3}),(\d{1,3})$/.exec(written)?.map(Number) ?? []
    if (groups === undefined || tested === undefined) {
      if (/^\d+$/.test(written)) return walkForwardFolds.parse(written)
      throw new Error('a whole number from 0 to 50, cpcv, or cpcv:GROUPS,TESTED')
    }
    if (tested < 1 || tested >= groups || groups > MOST_GROUPS)
      throw new Error(`cpcv:GROUPS,TESTED with 1 to GROUPS − 1 tested of at most ${MOST_GROUPS}`)
    if (combinationCount(groups, tested) > MOST_SPLITS)
      throw new Error(`at most ${MOST_SPLITS} splits, cpcv:${groups},${tested} makes more`)
    return { groups, tested }
  },
}

/** Where the bundle goes and what it says. */
export const outFlags = {
  out: file(
    'the new bundle: NAME@VERSION, or a folder …/NAME/VERSION; nothing is written without it',
    { value: 'NAME@VERSION' },
  ),
  seed: int('seed of all chances', { default: 1, min: 0 }),
  note: text('a sentence for the card: what the model must not be used for', { value: 'TEXT' }),
}

/** What the rows of a table are. */
export const rowFlags = {
  label: text('column to predict', { default: 'label', value: 'COLUMN' }),
  time: text(
    'column with the time of the row, in s, ms, µs, ns or ISO (default: the order of rows)',
    {
      value: 'COLUMN',
    },
  ),
  group: text('column with the token of the row: intervals draw whole tokens', {
    value: 'COLUMN',
  }),
  test: num('share of rows for the test', { default: 0.2, min: 0, max: 0.8 }),
  ...writingFlags,
}

/** What is the same for tables and networks: what is known later, and when to end. */
export const laterFlags = {
  horizon: duration(
    'how long after its row a label is known: such rows before a boundary are purged',
    {
      default: '0',
    },
  ),
  embargo: duration('gap kept after each boundary', { default: '0' }),
  threshold: num('probability from which the model says yes', { default: 0.5, min: 0, max: 1 }),
  patience: int(
    'rounds or epochs without gain on the stopping slice before training ends; 0 never ' +
      `(default: ${PATIENCE.rounds} rounds, ${PATIENCE.epochs} epochs)`,
    { min: 0, max: 1000 },
  ),
  threads: int(
    'threads; trees are the same for any number, a network for one and two (default: one ' +
      `per core, ${NETWORK_THREADS} for a network)`,
    { min: 1, max: 64 },
  ),
}

/** How an algorithm fits a table. */
export const fitFlags = grouped('Flags of tables', {
  rounds: int('boosting rounds at most', { default: 200, min: 1, max: 10000 }),
  leaves: int('leaves per boosted tree', { default: 31, min: 2, max: 1024 }),
  rate: num('learning rate of boosting', { default: 0.1, min: 0.0001, max: 1 }),
  minLeaf: int('rows that a leaf holds at least', { default: 20, min: 1, max: 1000000 }),
  trees: int('trees of a forest', { default: 100, min: 1, max: 2000 }),
  rowShare: num('share of rows per boosted tree', { default: 1, min: 0.01, max: 1 }),
  featureShare: num('share of features per boosted tree', { default: 1, min: 0.01, max: 1 }),
  calibrate: bool('calibrate probabilities on a slice of their own', { default: true }),
})

/** What a table is learned for, and what else is measured. */
export const tableFlags = grouped('Flags of tables', {
  features: list('columns to learn from (default: every numeric column without another role)', {
    value: 'A,B',
  }),
  positive: text('word of the label column that counts as 1, the others as 0', { value: 'WORD' }),
  weight: text('column with the weight of the row', { value: 'COLUMN' }),
  head: text('output to train (default: the first one of the kind)', { value: 'HEAD' }),
  set: text('feature set that the columns belong to (default: the one of the kind)', {
    value: 'SET',
  }),
  prices: list('columns in units of price: taken relative to the column close', { value: 'A,B' }),
  l2: num(
    `penalty on leaf values or weights (default: ${L2.trees} for trees, ${L2.logistic} for ` +
      `logistic)`,
    {
      min: 0,
      max: 1e9,
    },
  ),
  monotone: list('gbdt: features that the prediction may only rise (+1) or fall (-1) with', {
    value: 'A:+1,B:-1',
  }),
  valid: num('share of rows for stopping and calibration', { default: 0.2, min: 0, max: 0.8 }),
  folds,
  disjoint: bool('no group on two sides of a boundary'),
  importance: bool('also print what each feature adds: gain, and loss of AUC when it is shuffled'),
  peers: file(
    'JSON list of what other programs reach on the same test rows, for the card: [{name, ' +
      'metric, value}]',
  ),
})

/** How a network learns. */
export const networkFlags = grouped('Flags of networks', {
  net: choice(
    'network: BiLSTMs with attention (sequence), the same with fewer units (small), ' +
      'attention alone, or the LSTM of kind price (default: price for that kind, else ' +
      'sequence)',
    ['sequence', 'small', 'attention', 'price'] as const,
  ),
  epochs: int('network: passes over the rows at most', { default: 12, min: 1, max: 1000 }),
  batch: int('network: rows per step', { default: 64, min: 1, max: 4096 }),
  learningRate: num('network: highest learning rate', { default: 0.002, min: 1e-7, max: 1 }),
  balanced: bool(
    'network: weigh both classes equally in training; probabilities are corrected back',
  ),
  focal: num('network: γ of the focal loss; 0 is cross-entropy', { default: 0, min: 0, max: 5 }),
  dropout: num('network: share of units silenced in a step', { default: 0.2, min: 0, max: 0.9 }),
  bar: duration('network price: length of a candle', { default: '5m', min: '1s' }),
  checkpoint: file('network: file to go on from after an interruption (default: OUT.checkpoint)'),
  resume: bool(
    'network: go on from the checkpoint; the bundle is the same as without the interruption',
  ),
})

/** What a volatility model learns from. */
export const volatilityFlags = grouped('Flags of --kind volatility', {
  returns: bool('volatility: --label holds returns, in any unit, instead of closes'),
})

/** All flags of `train`. */
export const trainFlags = {
  ...kindFlags,
  ...rowFlags,
  ...outFlags,
  ...laterFlags,
  ...tableFlags,
  ...fitFlags,
  ...networkFlags,
  ...volatilityFlags,
}
type All = Values<typeof trainFlags>
/** How far a label looks ahead of its row, and the gap behind each boundary, in ms. */
export type Later = Pick<All, 'horizon' | 'embargo'>

type Shared = Values<typeof outFlags> & Values<typeof laterFlags>
/** Flags of training on a table. */
export type TrainFlags = Shared &
  Values<typeof rowFlags> &
  Values<typeof tableFlags> &
  Values<typeof fitFlags> & {
    kind: Exclude<All['kind'], 'volatility'>
    algo: Exclude<All['algo'], 'network'>
  }
/** Flags of training a network, what nobody said filled in. */
export type NetworkFlags = Omit<
  Shared & Values<typeof networkFlags>,
  'net' | 'patience' | 'threads'
> & {
  net: NonNullable<All['net']>
  patience: number
  threads: number
}
/** Flags of fitting a volatility model. */
export type VolatilityFlags = Values<typeof outFlags> &
  Values<typeof rowFlags> &
  Values<typeof volatilityFlags>
