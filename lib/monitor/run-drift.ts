import { type AlertTarget, raiseAlert } from '../alerts/alerts.ts'
import type { Log, Output } from '../base/console.ts'
import { Negative, TemporaryError } from '../base/errors.ts'
import { appendRow } from '../store/journal/rows.ts'
import { encode } from '../stream/encode.ts'
import { readDatabase } from './drift-database.ts'
import type { DriftFlags } from './drift-flags.ts'
import { type WatchedModel, watchedModels } from './drift-model.ts'
import {
  type ArrivalState,
  countWindow,
  driftStatePath,
  looksWith,
  readDriftState,
  writeDriftState,
} from './drift-state.ts'
import { fileSides } from './drift-window.ts'
import { evidenceLimit } from './false-alarms.ts'
import { judgeNumbers, LEAST_TOKENS, type Numbers, type ReportRow } from './report-drift.ts'

interface DriftOptions extends AlertTarget, DriftFlags {
  file: string | undefined
  log: Log
}

/**
 * Judges each model by the tokens that have come and its newest window, prints a row per number and
 * keeps it in ml_drift_reports when the lines are those of the database. Throws TemporaryError when
 * there are too few tokens to say anything, Negative with `check` when something drifted.
 */
export async function runDrift(options: DriftOptions, out: Output): Promise<void> {
  const drifted: string[] = []
  let judged = 0
  for (const model of watchedModels(options.model, options.models, options.home)) {
    const rows = await judgeModel(model, options)
    judged += rows.filter(({ verdict }) => verdict !== 'insufficient').length
    for (const row of rows) {
      if (options.file === undefined) appendRow(options.home, 'ml_drift_reports', row)
      await out.write(`${encode(row)}\n`)
    }
    const found = rows.filter(row => row.drifted)
    if (found.length > 0) await warnOf(model, found, rows.length, options)
    drifted.push(...found.map(({ name }) => `${model.name}.${name}`))
  }
  if (judged === 0)
    throw new TemporaryError(`insufficient: lines of at least ${LEAST_TOKENS} tokens are needed`)
  if (options.check && drifted.length > 0) throw new Negative(`drifted: ${drifted.join(', ')}`)
}

async function judgeModel(model: WatchedModel, options: DriftOptions): Promise<ReportRow[]> {
  const path = driftStatePath(options.home, model.name, options.file !== undefined)
  const old = readDriftState(path)
  const found = await numbersOf(
    model,
    old?.version === model.version ? old.arrivals : undefined,
    options,
  )
  if (found === undefined) {
    options.log.warn(`${model.name}: no line with its features or predictions yet`)
    return []
  }
  // A file without times is told from another by its counts.
  const window =
    found.until > 0
      ? String(found.until)
      : JSON.stringify(found.sides.map(side => side.window.counts))
  const rows = judgeNumbers(model, found, {
    look: looksWith(old, model.version, window),
    isFile: options.file !== undefined,
    alpha: options.alpha,
  })
  tellSizes(model, found, options)
  const above = new Map(rows.map(row => [`${row.scope} ${row.name}`, row.above === true]))
  const state = countWindow(old, model.version, window, above)
  writeDriftState(path, {
    ...state,
    ...(found.arrivals === undefined ? {} : { arrivals: found.arrivals }),
  })
  return rows.map(row => {
    const inARow = state.now[`${row.scope} ${row.name}`] ?? 0
    const isDrift = inARow >= options.running || row.sinceAt !== undefined
    return { ...row, drifted: isDrift, ...(isDrift ? { verdict: 'drifted' } : {}) }
  })
}

async function numbersOf(
  model: WatchedModel,
  known: ArrivalState | undefined,
  options: DriftOptions,
): Promise<Numbers | undefined> {
  const { file, log, alpha, window: windowMs = model.periodMs } = options
  if (file !== undefined) {
    const sides = await fileSides(model, file, { ...options, told: text => log.warn(text) })
    return { sides, until: sides[0]?.window.untilAt ?? 0 }
  }
  if (windowMs !== model.periodMs)
    log.warn(
      `${model.name}: tokens live in more windows the longer they live; its baselines are ` +
        `for ${model.periodMs / 3_600_000} h, and so is the rate of false alarms`,
    )
  return readDatabase(model, options, known, tests => evidenceLimit(alpha, tests))
}

function tellSizes(
  model: WatchedModel,
  { sides, hours }: Numbers,
  { log, window, file }: DriftOptions,
) {
  for (const { scope, window: counted } of sides)
    if (counted.rows < LEAST_TOKENS)
      log.warn(
        `${model.name} ${scope}s: ${counted.rows} tokens in the window; ${LEAST_TOKENS} are needed`,
      )
  if (file === undefined && sides.length === 0)
    log.warn(
      `${model.name}: lines reach back ${(hours ?? 0).toFixed(1)} h of a window of ` +
        `${(window ?? model.periodMs) / 3_600_000} h; until then only tokens that come are judged`,
    )
}

async function warnOf(
  model: WatchedModel,
  found: readonly ReportRow[],
  tested: number,
  options: DriftOptions,
): Promise<void> {
  const text =
    `${model.name}@${model.version}: ${found.length} of ${tested} drifted: ` +
    byImpact(found).map(sayingOf).join(', ')
  if (options.file !== undefined) return options.log.warn(text)
  const ts = found[0]?.ts ?? 0
  const alert = {
    severity: 'warn',
    name: 'drift',
    value: found.length,
    text: text.slice(0, 500),
  } as const
  await raiseAlert(options, { id: `alert:drift:${model.name}:${ts}`, ts, source: 'drift', alert })
}

/** What moves predictions most comes first; predictions themselves before all. */
const byImpact = (rows: readonly ReportRow[]): ReportRow[] =>
  [...rows].sort((a, b) => weightOf(b) - weightOf(a))

const weightOf = ({ scope, impact = 0 }: ReportRow): number => (scope === 'prediction' ? 2 : impact)

function sayingOf({ name, recentShift, shift = recentShift, importance }: ReportRow): string {
  const parts = [
    ...(shift === undefined ? [] : [`${shift < 0 ? '−' : '+'}${Math.abs(shift).toFixed(2)} σ`]),
    ...(importance === undefined ? [] : [`${Math.round(importance * 100)} % of the model`]),
  ]
  return parts.length === 0 ? name : `${name} (${parts.join(', ')})`
}
