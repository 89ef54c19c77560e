import { type AlertTarget, raiseAlert } from '../alerts/alerts.ts'
import type { Log, Output } from '../base/console.ts'
import { Negative, TemporaryError } from '../base/errors.ts'
import { appendRow } from '../store/journal/rows.ts'
import { encode } from '../stream/encode.ts'
import type { DriftFlags } from './drift-flags.ts'
import { type WatchedModel, watchedModels } from './drift-model.ts'
import { countWindow, driftStatePath, readDriftState, writeDriftState } from './drift-state.ts'
import { databaseSides, fileSides, type Side } from './drift-window.ts'
import { type DriftRules, judgeDrift, LEAST_ROWS } from './judge-drift.ts'

interface DriftOptions extends AlertTarget, DriftFlags {
  file: string | undefined
  log: Log
}

type Row = Record<string, unknown> & { id: string; ts: number; name: string; drifted: boolean }

/**
 * Judges the newest window of each model, prints a row per number and keeps it in ml_drift_reports
 * when the window is the database’s. Throws TemporaryError when no window has enough rows, Negative
 * with `check` when something drifted.
 */
export async function runDrift(options: DriftOptions, out: Output): Promise<void> {
  const drifted: string[] = []
  let judged = 0
  for (const model of watchedModels(options.model, options.models, options.home)) {
    const rows = await judgeModel(model, options)
    judged += rows.length
    for (const row of rows) {
      if (options.file === undefined) appendRow(options.home, 'ml_drift_reports', row)
      await out.write(`${encode(row)}\n`)
    }
    const names = rows.filter(row => row.drifted).map(row => row.name)
    if (names.length > 0) await warnOf(model, names, rows, options)
    drifted.push(...names.map(name => `${model.name}.${name}`))
  }
  if (judged === 0)
    throw new TemporaryError(`insufficient: a window needs rows of at least ${LEAST_ROWS} tokens`)
  if (options.check && drifted.length > 0) throw new Negative(`drifted: ${drifted.join(', ')}`)
}

async function judgeModel(model: WatchedModel, options: DriftOptions): Promise<Row[]> {
  const { file, log, window: windowMs = model.periodMs } = options
  if (file === undefined && windowMs !== model.periodMs)
    log.warn(
      `${model.name}: tokens live in more windows the longer they live; its baselines are ` +
        `for ${model.periodMs / 3_600_000} h`,
    )
  const found =
    file === undefined
      ? await databaseSides(model, options)
      : { sides: await fileSides(model, file, options) }
  const sides = (found?.sides ?? []).filter(({ scope, window }) => {
    const isEnough = window.rows >= LEAST_ROWS
    if (!isEnough)
      log.warn(
        `${model.name} ${scope}s: ${window.rows} rows, one per token; ${LEAST_ROWS} are needed`,
      )
    return isEnough
  })
  if (sides.length === 0) return []
  const rows = judgeSides(model, sides, options.alpha)
  const untilAt =
    'until' in (found ?? {}) ? (found as { until: number }).until : sides[0]?.window.untilAt
  return countRows(model, rows, untilAt ?? 0, options)
}

type Judged = Omit<Row, 'id' | 'ts' | 'drifted'> & { name: string; scope: string; above: boolean }

function judgeSides(
  { name: model, version }: WatchedModel,
  sides: readonly Side[],
  alpha: number,
): Judged[] {
  const tests = sides.reduce((sum, { watched }) => sum + watched.length, 0)
  const rules: DriftRules = { tests, alpha }
  return sides.flatMap(({ scope, watched, window }) =>
    watched.map(({ name, baseline }, k) => {
      const counts = window.counts[k]!
      const { cells: _, above, ...numbers } = judgeDrift(baseline, counts, rules)
      const times =
        window.fromAt === undefined ? {} : { fromAt: window.fromAt, untilAt: window.untilAt! }
      const sizes = { referenceRows: baseline.rows, missingShare: counts.missing / window.rows }
      return {
        model,
        version,
        scope,
        name,
        rows: window.rows,
        ...numbers,
        ...sizes,
        above,
        ...times,
      }
    }),
  )
}

/**
 * Adds to each row whether it has been above its bound in enough windows running, and remembers the
 * window.
 */
function countRows(
  model: WatchedModel,
  rows: readonly Judged[],
  until: number,
  options: DriftOptions,
): Row[] {
  const path = driftStatePath(options.home, model.name)
  const key = (row: Judged): string => `${row.scope} ${row.name}`
  const above = new Map(rows.map(row => [key(row), row.above]))
  // A file without times is told from another by its counts.
  const window = until > 0 ? String(until) : rows.map(({ psi }) => psi).join()
  const state = countWindow(readDriftState(path), model.version, window, above)
  writeDriftState(path, state)
  return rows.map(row => ({
    id: `drift:${model.name}:${model.version}:${row.scope}:${row.name}:${until}`,
    ts: until,
    ...row,
    drifted: (state.now[key(row)] ?? 0) >= options.running,
  }))
}

async function warnOf(
  model: WatchedModel,
  names: readonly string[],
  rows: readonly Row[],
  options: DriftOptions,
): Promise<void> {
  const text =
    `${model.name}@${model.version}: ${names.length} of ${rows.length} drifted: ` +
    `${names.join(', ')}`
  if (options.file !== undefined) return options.log.warn(text)
  const ts = rows[0]?.ts ?? 0
  const alert = {
    severity: 'warn',
    name: 'drift',
    value: names.length,
    text: text.slice(0, 500),
  } as const
  await raiseAlert(options, { id: `alert:drift:${model.name}:${ts}`, ts, source: 'drift', alert })
}
