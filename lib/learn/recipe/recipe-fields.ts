import { choice, type Flag, int, list, num, text } from '../../base/flags.ts'
import { MODEL_KINDS } from '../../model/models-flag.ts'
import {
  fitFlags,
  laterFlags,
  networkFlags,
  outFlags,
  tableFlags,
} from '../../train/train-flags.ts'

/** What can train a model by its recipe. */
const RECIPE_ALGORITHMS = ['gbdt', 'forest', 'logistic', 'network', 'garch'] as const
export type RecipeAlgorithm = (typeof RECIPE_ALGORITHMS)[number]

/** Labels that a table can be trained on, and what they are. */
export const RECIPE_LABELS = {
  profitable: 'binary',
  rug: 'binary',
  willMoon: 'binary',
  willRug: 'binary',
  success: 'binary',
  outcome: 'classes',
  maxProfit: 'numbers',
} as const
export type RecipeLabel = keyof typeof RECIPE_LABELS

/** When a model is trained again if nothing else asks for it. */
const SCHEDULES = ['daily', 'weekly'] as const
export type Schedule = (typeof SCHEDULES)[number]

/**
 * Every field of recipe.json, each declared once: its check, its type and the reference follow.
 * `parameters` is beside them: flags of `train`, by algorithm.
 */
export const recipeFields = {
  kind: choice('what the model is for (default: its name)', MODEL_KINDS),
  label: choice(
    'field of a label that is predicted (networks: all that their heads need)',
    Object.keys(RECIPE_LABELS) as RecipeLabel[],
  ),
  horizons: list('horizons of the labels, of which the first is that of `label`'),
  set: text('feature set that it reads (default: that of its kind)', { value: 'SET' }),
  features: list('features of that set (default: all of them)'),
  algo: choice('what trains it (default: by its kind)', RECIPE_ALGORITHMS),
  schedule: choice('trained again every night at 03:00 UTC, or on Sunday at 03:00', SCHEDULES, {
    default: 'weekly',
  }),
  minRows: int('labelled rows before the first training; closes for garch', {
    default: 1000,
    min: 2,
  }),
  minTokens: int('tokens that a version is compared on before it may go on trial', {
    default: 100,
    min: 2,
  }),
  minGain: num('share by which the loss of a new version has to be lower', {
    default: 0.05,
    min: 0,
    max: 1,
  }),
  trust: list('features that the export may hold as close to a label as they are: set.feature'),
  trainer: text('command of your own that trains, in place of `algo` and `parameters`', {
    pattern: /^[^\p{Cc}]*[^\p{Cc}\s][^\p{Cc}]*$/u,
    expected: 'a command in one line',
    value: 'COMMAND',
  }),
}

const { threshold, patience } = laterFlags
const { seed } = outFlags
const { rounds, leaves, rate, minLeaf, rowShare, featureShare, trees, calibrate } = fitFlags
const { l2, monotone } = tableFlags
const { net, epochs, batch, learningRate, balanced, focal, dropout, bar } = networkFlags

/** Flags of `train` that `parameters` may hold, by algorithm. */
export const RECIPE_PARAMETERS: Record<RecipeAlgorithm, Readonly<Record<string, Flag>>> = {
  gbdt: {
    rounds,
    leaves,
    rate,
    minLeaf,
    rowShare,
    featureShare,
    patience,
    l2,
    monotone,
    calibrate,
    threshold,
    seed,
  },
  forest: { trees, minLeaf, calibrate, threshold, seed },
  logistic: { l2, calibrate, threshold, seed },
  network: {
    net,
    epochs,
    batch,
    learningRate,
    balanced,
    focal,
    dropout,
    patience,
    bar,
    threshold,
    seed,
  },
  garch: {},
}
