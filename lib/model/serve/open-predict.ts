import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { makeAlertHook } from '../../alerts/alert-hook.ts'
import { type Alerts, makeAlerts } from '../../alerts/alerts-once.ts'
import { type MetricsOut, offerMetrics } from '../../alerts/metrics-out.ts'
import { wallClock } from '../../base/clock.ts'
import type { Prediction } from '../../records/prediction.ts'
import type { Step } from '../../stream/step.ts'
import type { writingFlags } from '../../table/time-flags.ts'
import type { Bundle } from '../bundle.ts'
import { isCurrentHash } from '../bundle.ts'
import { onlineDir, watchOnline } from '../online/online-serving.ts'
import { listModels, modelRoots, noneInProduction } from '../registry.ts'
import { chooseSlots, leaveOut, makeKindOf } from './choose.ts'
import { type Host, makeHost } from './host.ts'
import { makeImputed } from './imputed-shares.ts'
import { type Lineup, openLineup, type Slot } from './lineup.ts'
import { untold } from './moved-inputs.ts'
import { openScorer } from './open-scorer.ts'
import type { PredictFlags } from './predict-flags.ts'
import { makePredictor } from './predictor.ts'
import { makeScoring, type Scorer, type Scoring } from './scoring.ts'
import { makeServingHealth, type ServingHealth } from './serving-health.ts'

export interface OpenOptions extends Omit<PredictFlags, keyof typeof writingFlags | 'onlineShare'> {
  onlineShare?: number | undefined
  home: string
  /** Pins versions and waits for answers instead of timing out. */
  isDeterministic: boolean
  alertCommand: string | undefined
  count(what: string, by?: number): void
  note(what: string, value: string): void
  warn(text: string): void
  stderr(line: string): void
}

/** What the parts of a running predict share. */
interface Serving {
  options: OpenOptions
  alerts: Alerts
  host: Host
  health: ServingHealth
  /** Newest event time seen; the wall clock before the first line. */
  ts: number
}

/**
 * The predict step with its models opened and verified. Throws UsageError for unknown models or
 * versions and for files that are not what their bundle says. While `<home>/ML_OFF` exists nothing
 * is scored.
 */
export async function openPredictor(options: OpenOptions): Promise<Step> {
  const hook = makeAlertHook(options.alertCommand, options.stderr)
  let scorings: readonly Scoring[] = []
  const serving = serve(options, makeAlerts('predict', hook.send), () => scorings)
  let lineup: Lineup | undefined
  let out: MetricsOut | undefined
  try {
    lineup = await openModels(serving)
    scorings = await lineup.current()
    for (const { bundle } of scorings)
      if (bundle.example !== undefined)
        options.warn(`${bundle.name}@${bundle.version} is an example only: ${bundle.example}`)
    if (options.metrics !== undefined)
      out = await offerMetrics(options.metrics, serving.health.metrics)
  } catch (error) {
    await lineup?.close()
    serving.host.close()
    throw error
  }
  const switched = makeSwitch(serving)
  const imputed = makeImputed()
  let startedAt = 0
  return makePredictor({
    async lineup(lines) {
      startedAt = wallClock.monotonic()
      serving.ts = lines.at(-1)?.rec.ts ?? serving.ts
      scorings = switched() ? await (lineup as Lineup).current() : []
      return scorings
    },
    observe(lines, found) {
      const predictions = found.flatMap(({ prediction }): Prediction[] =>
        prediction === undefined ? [] : [prediction],
      )
      for (const each of predictions) {
        for (const model in each) options.count(each[model]?.error ?? 'scored')
        imputed.see(each)
      }
      serving.health.batch(wallClock.monotonic() - startedAt, lines.length, serving.ts, predictions)
    },
    async close() {
      await lineup?.close()
      serving.host.close()
      await out?.close()
      for (const [what, value] of [...serving.health.notes(), ...imputed.notes()])
        options.note(what, value)
      await hook.flush()
    },
  })
}

function serve(options: OpenOptions, alerts: Alerts, scorings: () => readonly Scoring[]): Serving {
  const {
    timeout,
    isDeterministic,
    workers,
    alertLatency: latencyLimitMs,
    alertErrors: errorLimit,
  } = options
  const raise = (name: string, text: string): void =>
    alerts.raise(name, serving.ts, { severity: 'error', name, text })
  const host = makeHost({
    workers: isDeterministic ? (workers ?? 0) : workers,
    timeoutMs: isDeterministic ? undefined : timeout,
    isRequired: options.mlRequired,
    ended: how => raise('worker', `an inference worker ended with ${how} and is replaced`),
    gaveUp: text => raise('no-worker', text),
  })
  const health = makeServingHealth({
    alerts,
    latencyLimitMs,
    errorLimit,
    queued: host.queued,
    restarts: host.restarts,
    models: () =>
      scorings().map(({ bundle, part }) => ({
        model: bundle.name,
        part,
        version: bundle.version,
        kind: bundle.kind,
      })),
  })
  const serving: Serving = { options, alerts, host, health, ts: wallClock.now() }
  return serving
}

function openModels(serving: Serving): Promise<Lineup> {
  const { options, alerts, host, health } = serving
  const kindOf = makeKindOf()
  let hasTold = false
  const slots = (): Slot[] => {
    const models = listModels(modelRoots(options.models, options.home))
    const found = leaveOut(chooseSlots(models, options), kindOf, options)
    if (found.length === 0 && !hasTold)
      options.warn(`${noneInProduction(models)}: lines pass unscored`)
    hasTold = true
    return found
  }
  return openLineup(slots(), {
    slots,
    isPinned: options.isDeterministic,
    now: wallClock.monotonic,
    swapped: health.swapped,
    refused(model, text) {
      alerts.end(`model.${model}`) // Each attempt is news.
      alerts.raise(`model.${model}`, serving.ts, { severity: 'error', name: 'model-refused', text })
    },
    async open(entry, version, part) {
      const now = options.isDeterministic ? undefined : wallClock.now
      const { maxModelAge: maxAgeMs } = options
      const online = (bundle: Bundle) => onlineOf(serving, bundle)
      const scorer = await openScorer(entry, version, part, {
        open: host.open,
        maxAgeMs,
        isOfTable: options.table !== undefined,
        now,
        online,
      })
      const { maxBatch, cache: cacheRows } = options
      const isExplained = options.explain
      const missing = isExplained ? untold(scorer.bundle) : undefined
      if (missing !== undefined) options.warn(`${entry.name}@${version} ${missing}`)
      const shared = { isCurrent: isCurrentHash, maxBatch, cacheRows, isExplained }
      return makeScoring(scorer, { ...shared, observe: health })
    },
  })
}

/** Only moon and rug learn while they serve (models learn). */
function onlineOf(serving: Serving, bundle: Bundle): Scorer['online'] {
  if (bundle.kind !== 'moon' && bundle.kind !== 'rug') return undefined
  const { options, alerts } = serving
  const told = (text: string): void =>
    alerts.raise(`online.${bundle.name}`, serving.ts, {
      severity: 'error',
      name: 'online-refused',
      text,
    })
  return watchOnline(onlineDir(options.home, bundle), bundle, {
    isPinned: options.isDeterministic,
    told,
    ...(options.onlineShare === undefined ? {} : { share: options.onlineShare }),
  })
}

/**
 * Whether to score: not while ML_OFF is there. One stat per batch, so it works with the next line.
 */
function makeSwitch({ options }: Serving): () => boolean {
  const path = join(options.home, 'ML_OFF')
  let isOff = false
  return () => {
    const was = isOff
    isOff = existsSync(path)
    if (isOff !== was)
      options.warn(isOff ? 'ML_OFF is set: lines pass unscored' : 'ML_OFF is gone: scoring again')
    return !isOff
  }
}
