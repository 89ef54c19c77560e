import {
  bool,
  duration,
  file,
  grouped,
  int,
  list,
  num,
  text,
  type Values,
} from '../../base/flags.ts'
import { writingFlags } from '../../table/time-flags.ts'
import { MODEL_KINDS, models } from '../models-flag.ts'

/** Flags of `predict`. */
export const predictFlags = {
  model: list(
    'models to run: NAME (its production version), NAME@VERSION, NAME@shadow or NAME@example',
    {
      value: 'NAME,…',
      names: 'models',
    },
  ),
  withoutKinds: list('kinds of models to leave out of those in production', {
    choices: MODEL_KINDS,
  }),
  models,
  shadow: bool('also run the versions on trial', { default: true }),
  explain: bool(
    'also name the five inputs that moved each prediction most, one at a time (moved): one more ' +
      'run per line, with as many rows as the model has inputs',
  ),
  onlineShare: num(
    'share of the online model in p once it takes part (default: by merit, from 0.3 on)',
    { min: 0, max: 1, value: 'X' },
  ),
  ...grouped('Speed', {
    workers: int(
      'processes that run models; 0 = in this one (default: trees in this one, networks in ' +
        'one worker)',
      {
        min: 0,
        max: 64,
      },
    ),
    timeout: duration(
      'longest wait for a worker; a bare number is ms. Then the line passes with error timeout',
      {
        default: '3s',
        min: '1ms',
        env: 'ML_INFERENCE_TIMEOUT_MS',
        bareMs: true,
      },
    ),
    mlRequired: bool(
      'end with exit 4 when no worker can be kept running; else lines pass with error no-worker',
      {
        default: true,
        env: 'ML_REQUIRED',
      },
    ),
    maxBatch: int('most rows of one run of a model', { default: 64, min: 1, max: 4096 }),
    cache: int('rows per model whose answer is kept for 60 s of event time; 0 = none', {
      default: 4096,
      min: 0,
      max: 1_000_000,
    }),
  }),
  maxModelAge: duration(
    'oldest end of training data: refused at the start, error expired while running',
    {
      min: '1m',
    },
  ),
  table: file(
    'table whose rows are scored in place of lines from stdin, with the one model of --model',
  ),
  ...grouped('How a table is written', writingFlags),
  listen: int(
    'port on 127.0.0.1 that answers one record per POST with its predictions; 0 = any free one',
    { min: 0, max: 65_535, value: 'PORT' },
  ),
  ...grouped('Watching', {
    metrics: text('Prometheus metrics: a file, or a port answered on 127.0.0.1 at /metrics', {
      value: 'FILE|PORT',
    }),
    alertLatency: duration('p95 of the last 1000 predictions that is an alert', {
      default: '500ms',
      min: '1ms',
    }),
    alertErrors: num('share of errors in the last 1000 predictions that is an alert', {
      default: 0.05,
      min: 0,
      max: 1,
    }),
  }),
}

export type PredictFlags = Values<typeof predictFlags>
