import {
  bool,
  count,
  id,
  map,
  maybe,
  name,
  number,
  object,
  oneOf,
  positive,
  text,
  time,
} from './kit.ts'

/**
 * Rows of the learning loop that are not lines of a stream: each is appended once and never
 * changed.
 */

const head = { id: id('deterministic name of the row'), ts: time('when it happened') }
const numbers = map('measures by name', number('measure', 'as named'))

const TrainingJob = object('one state of a training run', {
  ...head,
  model: name('model'),
  version: maybe(name('bundle version it made')),
  state: oneOf('how far it has come', ['started', 'finished', 'failed', 'skipped']),
  trigger: maybe(name('why it ran: rows, weekly, manual, degradation')),
  startedAt: maybe(time('start')),
  rows: maybe(count('training rows')),
  dataHash: maybe(name('hash of the training data')),
  seed: maybe(name('seed')),
  metrics: maybe(numbers),
  reason: maybe(text('why it failed or was skipped', 500)),
})

const ModelComparison = object('a challenger against the model in production, on the same rows', {
  ...head,
  model: name('model'),
  champion: name('version in production'),
  challenger: name('version on trial'),
  rows: count('matured rows, one per mint'),
  fromAt: maybe(time('first row')),
  untilAt: maybe(time('last row')),
  championBrier: maybe(positive('Brier score', 'squared probability')),
  challengerBrier: maybe(positive('Brier score', 'squared probability')),
  championError: maybe(positive('mean squared error of a number', 'squared unit of the number')),
  challengerError: maybe(positive('mean squared error of a number', 'squared unit of the number')),
  pValue: maybe(positive('two-sided, exact', 'probability')),
  verdict: oneOf('what the numbers allow to say', ['better', 'worse', 'underpowered']),
  metrics: maybe(numbers),
})

const DriftReport = object('drift of one feature or prediction', {
  ...head,
  model: maybe(name('model whose training data is the baseline')),
  version: maybe(name('bundle version')),
  scope: oneOf('what drifted', ['feature', 'prediction']),
  name: name('feature or head'),
  verdict: maybe(
    oneOf('what can be said; insufficient: too few tokens', ['drifted', 'quiet', 'insufficient']),
  ),
  drifted: bool('beyond a limit, of the window or of the tokens that came'),
  sinceAt: maybe(time('token that took the evidence over its limit')),
  rows: count('rows in the window, one per mint'),
  pValue: maybe(positive('chance of such a window without drift, of this number', 'probability')),
  pLimit: maybe(positive('what it must not pass in this look', 'probability')),
  psi: maybe(positive('population stability index', 'nats')),
  jsd: maybe(positive('Jensen–Shannon divergence, base 2', 'bits')),
  jsDistance: maybe(positive('its square root', 'root bits')),
  limit: maybe(positive('what PSI had to pass, in reports of earlier versions', 'nats')),
  jsLimit: maybe(positive('least distance worth an alarm', 'root bits')),
  shift: maybe(number('how far the middle of the window has moved', 'sigma')),
  referenceRows: maybe(count('rows of the baseline, one per mint')),
  missingShare: maybe(positive('unknown in the window', 'fraction')),
  above: maybe(bool('the window is beyond both its limits')),
  tokens: maybe(count('tokens that came since this version is watched')),
  evidence: maybe(number('what a fair bet on drift has grown to by them', 'log10')),
  evidenceLimit: maybe(positive('what is drift', 'log10')),
  recentShift: maybe(number('how far the middle of the newest 64 or so has moved', 'sigma')),
  importance: maybe(positive('share in what the model goes by', 'fraction')),
  impact: maybe(positive('importance times distance: where to look first', 'root bits')),
  fromAt: maybe(time('first row')),
  untilAt: maybe(time('last row')),
})

const Promotion = object('a change of what an alias means', {
  ...head,
  model: name('model'),
  action: oneOf('what was done', [
    'shadow',
    'promote',
    'rollback',
    'retire',
    'refuse',
    'withdraw',
    'alias',
  ]),
  from: maybe(name('version before')),
  to: maybe(name('version after')),
  by: maybe(name('who decided: retrain, guard, hand')),
  reason: maybe(text('why', 500)),
  metrics: maybe(numbers),
})

/** Tables whose rows are appended by lib/store/journal/rows.ts. */
export const REPORTS = {
  ml_training_jobs: TrainingJob,
  ml_model_comparisons: ModelComparison,
  ml_drift_reports: DriftReport,
  promotions: Promotion,
} as const
export type ReportTable = keyof typeof REPORTS
