import type { Alerts } from '../../alerts/alerts-once.ts'
import { type Metric, metricsText } from '../../alerts/prometheus.ts'
import type { Prediction } from '../../records/prediction.ts'
import { makeHistogram } from '../../stream/histogram.ts'
import { makeRecent } from '../recent-quality.ts'

interface HealthOptions {
  alerts: Alerts
  /** p95 of a prediction in ms above which there is an alert. */
  latencyLimitMs: number
  /** Share of predictions with an error above which there is an alert. */
  errorLimit: number
  queued(): number
  restarts(): number
  /** Models in use, as name, part and version. */
  models(): readonly Record<string, string>[]
}

/** How well predict does: counted as it runs, told in its summary, its metrics and its alerts. */
export interface ServingHealth {
  /**
   * A batch of `lines` lines took `ms`; `predictions` is what they got, `ts` its newest event time.
   */
  batch(ms: number, lines: number, ts: number, predictions: readonly Prediction[]): void
  ran(rows: number): void
  cached(hits: number, misses: number): void
  swapped(): void
  /** Figures for the summary. */
  notes(): [string, string][]
  metrics(): string
}

/** Errors that say that the line, not the model, is not there yet. */
const NORMAL = 'not-ready'

/** Starts to count; the alerts are raised by event time, so a replay raises the same. */
export function makeServingHealth(options: HealthOptions): ServingHealth {
  const latency = makeHistogram()
  const rows = makeHistogram()
  const recent = makeRecent(options)
  const predicted = new Map<string, number>()
  const errors = new Map<string, { model: string; error: string; n: number }>()
  const total = nothingCounted()

  const tally = (
    model: string,
    error: string | undefined,
    reason: string | undefined,
    ts: number,
  ): void => {
    if (error === NORMAL) return
    if (error === undefined) {
      total.answered++
      predicted.set(model, (predicted.get(model) ?? 0) + 1)
      return
    }
    total.failed++
    const key = `${error}.${model}`
    const kind = errors.get(key) ?? { model, error, n: 0 }
    kind.n++
    errors.set(key, kind)
    options.alerts.raise(key, ts, {
      severity: 'error',
      name: error,
      text: `${model}: ${reason ?? error}`,
    })
  }
  return {
    batch(ms, lines, ts, predictions) {
      total.lines += lines
      total.queue = Math.max(total.queue, lines)
      for (const prediction of predictions) {
        for (const model of Object.keys(prediction)) {
          const { error, reason } = prediction[model]!
          tally(model, error, reason, ts)
          if (error !== NORMAL) recent.add(ms, error !== undefined, ts)
        }
      }
      if (predictions.length > 0) latency.add(ms, predictions.length)
    },
    ran: n => rows.add(n),
    cached(hits, misses) {
      total.hits += hits
      total.misses += misses
    },
    swapped: () => void total.swaps++,
    notes: () => (latency.count() === 0 ? [] : notesOf(total, latency, rows, options.restarts())),
    metrics: () => metricsText(metricsOf({ ...options, total, latency, rows, predicted, errors })),
  }
}

interface Totals {
  lines: number
  answered: number
  failed: number
  hits: number
  misses: number
  swaps: number
  /** Most lines of one batch. */
  queue: number
}

const nothingCounted = (): Totals => ({
  lines: 0,
  answered: 0,
  failed: 0,
  hits: 0,
  misses: 0,
  swaps: 0,
  queue: 0,
})

type Figures = ReturnType<typeof makeHistogram>

function notesOf(
  { answered, failed, hits, misses, swaps, queue }: Totals,
  latency: Figures,
  rows: Figures,
  restarts: number,
): [string, string][] {
  const quantiles = [0.5, 0.95, 0.99].map(q => latency.quantile(q).toPrecision(2)).join('/')
  const size = rows.count() === 0 ? '0' : (rows.sum() / rows.count()).toFixed(1)
  return [
    ['prediction p50/p95/p99', `${quantiles}ms`],
    ['errors', percent(failed, answered + failed)],
    // Where no row ever comes twice, a share of hits says nothing.
    ...(hits > 0 ? [['cache hits', percent(hits, hits + misses)] as [string, string]] : []),
    ['rows per run', size],
    ['queue max', String(queue)],
    ['swaps', String(swaps)],
    ['worker restarts', String(restarts)],
  ]
}

const percent = (part: number, whole: number): string =>
  `${((100 * part) / Math.max(1, whole)).toFixed(1)}%`

type Everything = HealthOptions & {
  total: Totals
  latency: Figures
  rows: Figures
  predicted: Map<string, number>
  errors: Map<string, { model: string; error: string; n: number }>
}

function metricsOf({ total, latency, rows, predicted, errors, ...options }: Everything): Metric[] {
  const summary = (of: typeof latency, unit: number): Metric['samples'] => [
    ...[0.5, 0.95, 0.99].map(q => [{ quantile: String(q) }, of.quantile(q) / unit] as const),
    [{}, of.sum() / unit, '_sum'],
    [{}, of.count(), '_count'],
  ]
  const metric = (
    name: string,
    type: Metric['type'],
    help: string,
    samples: Metric['samples'],
  ): Metric => ({
    name: `sluice_predict_${name}`,
    type,
    help,
    samples,
  })
  const one = (name: string, type: Metric['type'], help: string, value: number) =>
    metric(name, type, help, [[{}, value]])
  return [
    one('lines_total', 'counter', 'Lines read.', total.lines),
    metric(
      'predictions_total',
      'counter',
      'Predictions made, by model.',
      [...predicted].map(([model, n]) => [{ model }, n]),
    ),
    metric(
      'errors_total',
      'counter',
      'Predictions that could not be made, by model and error.',
      [...errors.values()].map(({ model, error, n }) => [{ model, error }, n]),
    ),
    metric(
      'latency_seconds',
      'summary',
      'From arrival of a line to its prediction.',
      summary(latency, 1000),
    ),
    metric('batch_rows', 'summary', 'Rows of one run of a model.', summary(rows, 1)),
    one('cache_hits_total', 'counter', 'Rows answered from the cache.', total.hits),
    one('cache_misses_total', 'counter', 'Rows that were not in the cache.', total.misses),
    one('queue_rows', 'gauge', 'Rows handed to workers and not yet answered.', options.queued()),
    one(
      'worker_restarts_total',
      'counter',
      'Inference workers that ended and were replaced.',
      options.restarts(),
    ),
    one('swaps_total', 'counter', 'Changes of a model while running.', total.swaps),
    metric(
      'model_info',
      'gauge',
      'Models in use.',
      options.models().map(labels => [labels, 1]),
    ),
  ]
}
