import { DataError } from '../../base/errors.ts'

/**
 * What a foreign model's numbers are in, and what turns them into ours: fractions and
 * probabilities. `op` is the operator of the graph, `by` its constant, `of` the same on one number.
 */
export const UNITS: Record<Unit, { op?: string; by?: number; of(x: number): number }> = {
  fraction: { of: x => x },
  percent: { op: 'Div', by: 100, of: x => x / 100 },
  bps: { op: 'Div', by: 10_000, of: x => x / 10_000 },
  /** 1.5 is +50 %. */
  multiple: { op: 'Sub', by: 1, of: x => x - 1 },
  /** Log odds, before a sigmoid. */
  logit: { op: 'Sigmoid', of: x => 1 / (1 + Math.exp(-x)) },
}
export const UNIT_NAMES = ['fraction', 'percent', 'bps', 'multiple', 'logit'] as const
export type Unit = (typeof UNIT_NAMES)[number]

/** Heads that are changes, from −1 upwards; all others are probabilities. */
const CHANGES = new Set(['maxProfit'])

/** Whether the unit of a head can only be known from whoever trained it. */
export const isChange = (head: string): boolean => CHANGES.has(head)

/** float32 may leave a range by its last digit. */
const SLACK = 1e-6

/**
 * Throws DataError where what a head said on the parity rows cannot be in its unit: a probability
 * outside 0 … 1, a loss of more than everything, or a middle row that more than doubles.
 */
export function checkRange(head: string, unit: Unit, values: readonly number[]): void {
  const low = Math.min(...values)
  const high = Math.max(...values)
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted[sorted.length >> 1] ?? 0
  const other = unit === 'percent' ? 'fraction' : 'percent'
  const hint = `if the model says it in another unit, name it: percent, bps, multiple or logit`
  const shown = (x: number): string => String(Number(x.toPrecision(6)))
  if (isChange(head)) {
    if (low < -1 - SLACK)
      throw new DataError(`${head} as ${unit} is ${shown(low)}, less than −1: ${hint}`)
    if (middle > 1)
      throw new DataError(
        `${head} as ${unit} is ${shown(middle)}, +${shown(100 * middle)} %, on the middle of ` +
          `${values.length} rows: it looks like ${other}; ${hint}`,
      )
  } else if (low < -SLACK || high > 1 + SLACK)
    throw new DataError(
      `${head} as ${unit} is ${shown(low < -SLACK ? low : high)}, no probability: ${hint}`,
    )
}
