import { messageOf } from '../../base/errors.ts'
import { healthOf, type Standard, standardOf } from '../../learn/degradation-guard.ts'
import { databaseMatured, type Matured, predictedTokens } from '../../learn/rows/matured.ts'
import { wilson } from '../../maths/confidence-interval.ts'
import { lossesOf, meanOf } from '../../maths/loss.ts'
import type { Bundle } from '../../model/bundle.ts'
import { readManifest } from '../../model/files.ts'
import { aimOf } from '../../model/heads.ts'
import { type Entry, listModels, modelRoots, versionDir } from '../../model/registry.ts'
import { unservable } from '../../model/servable.ts'
import { ageText, type Item, percent } from './item.ts'
import { newestRows } from './newest.ts'
import { onlineItems } from './online-item.ts'

const HOUR = 3_600_000

/**
 * Each model in production: age of its data, how its matured predictions do, its trial, last
 * training and drift.
 */
export async function modelItems(
  home: string,
  models: string | undefined,
  now: number,
): Promise<Item[]> {
  const items: Item[] = []
  for (const entry of listModels(modelRoots(models, home)).values()) {
    const { production } = entry.aliases
    if (production === undefined) continue
    const bundle = readManifest(versionDir(entry, production))
    items.push(
      ageItem(entry, bundle, now),
      ...(await liveItems(home, entry, bundle)),
      ...onlineItems(home, bundle),
    )
  }
  return [...items, ...trainingItems(home, now), ...driftItems(home, now)]
}

function ageItem({ aliases }: Entry, bundle: Bundle, now: number): Item {
  const until = Math.max(...Object.values(bundle.data.parts).map(part => part.to ?? 0))
  const dataAgeMs = now - until
  const others = [
    ...(aliases.shadow === undefined ? [] : [`${aliases.shadow} on trial`]),
    ...(aliases.previous === undefined ? [] : [`${aliases.previous} before`]),
  ]
  const data = until > 0 ? [`data end ${ageText(dataAgeMs)} ago`] : []
  const reason = unservable(bundle)
  const gone = reason === undefined ? [] : [`predict would end with exit 2: ${reason}`]
  const text = [`${bundle.version} in production`, ...data, ...others, ...gone].join(', ')
  return {
    what: 'model',
    name: bundle.name,
    level: reason === undefined ? 'ok' : 'error',
    text,
    version: bundle.version,
    ...(until > 0 ? { dataAgeMs } : {}),
  }
}

/**
 * Accuracy on matured predictions, and how far a trial has come. What the database cannot say is a
 * warning.
 */
async function liveItems(home: string, { aliases }: Entry, bundle: Bundle): Promise<Item[]> {
  const matured = databaseMatured(home, false)
  try {
    const live = (await matured(bundle, undefined)) ?? []
    const accuracy =
      live.length === 0 ? [] : [accuracyItem(bundle, live, await coverageOf(home, bundle, live))]
    if (aliases.shadow === undefined || aliases.shadow === bundle.version) return accuracy
    return [
      ...accuracy,
      trialItem(bundle.name, aliases.shadow, (await matured(bundle, aliases.shadow)) ?? []),
    ]
  } catch (error) {
    return [{ what: 'accuracy', name: bundle.name, level: 'warn', text: messageOf(error) }]
  }
}

/** Share of the tokens spoken about whose outcome is known. */
async function coverageOf(home: string, bundle: Bundle, live: readonly Matured[]): Promise<number> {
  const [first, last] = [live[0]!, live.at(-1)!]
  return live.length / Math.max(live.length, await predictedTokens(home, bundle, first.ts, last.ts))
}

/** Below the interval of the bundle’s own test is an error. */
function accuracyItem(bundle: Bundle, live: readonly Matured[], coverage: number): Item {
  const [head] = bundle.heads
  const said = (live[0]?.said ?? []).map((_, k) => Float64Array.from(live, row => row.said[k]!))
  const label = Float64Array.from(live, row => row.label)
  const aim = aimOf(head?.name ?? '')
  const losses = lossesOf(aim, [label], said, head?.threshold)
  const standard = standardOf(bundle.metrics)
  const health = healthOf(losses, aim, standard)
  const { isBelow, text, numbers } =
    losses.right === undefined ? errorText(losses.loss) : rightText(losses.right, standard)
  const level = isBelow || health?.isDegraded === true ? 'error' : 'ok'
  const on = `on ${live.length} tokens, ${percent(coverage)} of those spoken about`
  const test =
    standard === undefined || losses.right === undefined
      ? ''
      : `; test at least ${percent(standard.accuracyLow)}`
  const measured = {
    rows: live.length,
    ...numbers,
    coverage,
    ...(health === undefined ? {} : { loss: health.loss }),
  }
  return { what: 'accuracy', name: bundle.name, level, text: `${text} ${on}${test}`, ...measured }
}

function rightText(right: Uint8Array, standard: Standard | undefined) {
  const hits = right.reduce((sum, one) => sum + one, 0)
  const [low, high] = wilson(hits, right.length)
  const accuracy = hits / right.length
  const text = `${percent(accuracy)} right (${percent(low)} to ${percent(high)})`
  return {
    isBelow: standard !== undefined && high < standard.accuracyLow,
    text,
    numbers: { accuracy, low, high },
  }
}

function errorText(loss: Float64Array) {
  const rmse = Math.sqrt(meanOf(loss))
  return {
    isBelow: false,
    text: `root mean squared error ${rmse.toPrecision(3)}`,
    numbers: { rmse },
  }
}

function trialItem(name: string, version: string, rows: readonly Matured[]): Item {
  const hours = rows.length === 0 ? 0 : (rows.at(-1)!.ts - rows[0]!.ts) / HOUR
  const text = `${version}: ${rows.length} of 100 matured tokens, ${hours.toFixed(1)} of 24 h`
  return { what: 'trial', name, level: 'ok', text, version, rows: rows.length, hours }
}

/** The last decision of retraining per model. */
function trainingItems(home: string, now: number): Item[] {
  const last = new Map(newestRows(home, 'ml_training_jobs').map(row => [String(row.model), row]))
  return [...last].map(([name, row]) => {
    const state = String(row.state)
    const ageMs = now - Number(row.ts)
    const why = row.reason ?? row.trigger
    const text = `${state} ${ageText(ageMs)} ago${why === undefined ? '' : `: ${why}`}`
    return { what: 'training', name, level: state === 'failed' ? 'warn' : 'ok', text, state, ageMs }
  })
}

/** The newest window of each model that was judged. */
function driftItems(home: string, now: number): Item[] {
  const rows = newestRows(home, 'ml_drift_reports')
  const newest = new Map<string, number>()
  for (const { model, ts } of rows)
    newest.set(String(model), Math.max(Number(ts), newest.get(String(model)) ?? 0))
  return [...newest].map(([name, ts]) => {
    const window = rows.filter(row => row.model === name && row.ts === ts)
    const names = (field: 'drifted' | 'above'): unknown[] =>
      window.filter(row => row[field] === true).map(row => row.name)
    const [drifted, above] = [names('drifted'), names('above')]
    const judged = window.filter(row => row.verdict !== 'insufficient')
    const said =
      judged.length === 0
        ? 'too few tokens to say'
        : drifted.length > 0
          ? `drifted: ${drifted.join(', ')}`
          : `none of ${judged.length} drifted`
    const text = `${said}; looked at ${ageText(now - ts)} ago`
    const level = drifted.length > 0 ? 'warn' : 'ok'
    return {
      what: 'drift',
      name,
      level,
      text,
      drifted: drifted.length,
      above: above.length,
      tested: judged.length,
    }
  })
}
