import type { Output } from '../../base/console.ts'
import { DataError } from '../../base/errors.ts'
import { encode } from '../../stream/encode.ts'
import { readOutcomes } from '../labelled.ts'
import { netText } from '../labelled-text.ts'
import { percent } from '../report-text.ts'
import {
  surest,
  type ThresholdRow,
  thresholdCurve,
  thresholdFlag,
  type ValidationSlice,
  validationSlice,
} from './thresholds.ts'
import type { TuneFlags } from './tune-flags.ts'

interface TuneOptions extends Omit<TuneFlags, 'on' | 'format'> {
  paths: readonly string[]
  isText: boolean
}

/**
 * Prints what thresholds of a rule would have come to on the validation slice of labelled
 * decisions.
 */
export async function runTune(
  options: TuneOptions,
  signal: AbortSignal,
  out: Output,
): Promise<void> {
  const { rule, steps, seed, isText } = options
  const outcomes = await readOutcomes(options.paths, options, signal)
  const all = outcomes.rows()
  if (all.length === 0) {
    const { decision, return: noReturn } = outcomes.unused()
    throw new DataError(
      `no labelled decision with a return at ${options.horizon} (${decision} labels without ` +
        `a decision, ${noReturn} ` +
        'without a return); label --with decision copies it',
    )
  }
  const slice = validationSlice(all, options)
  const thresholds = Array.from(
    { length: steps },
    (_, i) => Math.round((i / (steps - 1)) * 1e6) / 1e6,
  )
  const curve = thresholdCurve(rule, slice.rows, thresholds, seed)
  await out.write(isText ? tuneText(rule, slice, curve) : tuneLines(rule, slice, curve))
}

function tuneLines(
  rule: string,
  { rows, ...slice }: ValidationSlice,
  curve: readonly ThresholdRow[],
): string {
  const best = surest(curve)
  const lines: object[] = [
    { of: 'slice', rule, flag: thresholdFlag(rule), rows: rows.length, ...slice },
    ...curve.map(row => ({ of: 'threshold', ...row })),
    ...(best === undefined ? [] : [{ of: 'surest', ...best, trials: curve.length }]),
  ]
  return lines.map(line => `${encode(line)}\n`).join('')
}

const day = (ts: number): string => new Date(ts).toISOString().slice(0, 16)

function tuneText(rule: string, slice: ValidationSlice, curve: readonly ThresholdRow[]): string {
  const { rows, earlier, later, purged, from, to } = slice
  const best = surest(curve)
  const share = (found: ThresholdRow['precision']): string => {
    if (found === undefined) return '—'.padEnd(26)
    const [low, high] = found.interval
    return `${percent(found.value)} (${percent(low)}–${percent(high)})`.padEnd(26)
  }
  const lines = [
    `gate ${thresholdFlag(rule)} on ${rows.length} decisions from ${day(from)} to ${day(to)} UTC`,
    `put aside: ${earlier} earlier, ${later} later for the test, ${purged} whose outcome ` +
      'reaches into it',
    `${'at'.padEnd(7)}${'passed'.padEnd(8)}${'precision'.padEnd(26)}${'recall'.padEnd(26)}profit ` +
      'after costs',
    ...curve.map(
      ({ threshold, passed, precision, recall, profit }) =>
        `${String(threshold).padEnd(7)}${String(passed).padEnd(8)}${share(precision)}` +
        `${share(recall)}${netText(profit)}`,
    ),
    best === undefined
      ? 'no threshold has an interval: too few tokens'
      : `surest: ${best.threshold}, ${netText(best.profit)}; the best of ${curve.length} looks ` +
        'better than it is',
  ]
  return `${lines.join('\n')}\n`
}
