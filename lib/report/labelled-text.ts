import { encode } from '../stream/encode.ts'
import { type Baselines, baselinesOf } from './baselines.ts'
import { spreadText } from './judging.ts'
import type { Outcomes } from './labelled.ts'
import { benefitsOf, type MeanNet, type RuleBenefit } from './refusals.ts'
import { percent, row } from './report-text.ts'

/**
 * What labelled decisions say beside the trades: what each rule cost or saved, and the choice
 * against none.
 */
export interface Judged {
  rows: number
  unused: number
  benefits: RuleBenefit[]
  baselines: Baselines
}

/** Judges labelled decisions. Seeded. */
export function judgedOf(outcomes: Outcomes, seed: string): Judged {
  const rows = outcomes.rows()
  const { decision, return: noReturn } = outcomes.unused()
  return {
    rows: rows.length,
    unused: decision + noReturn,
    benefits: benefitsOf(rows, seed),
    baselines: baselinesOf(rows, seed),
  }
}

/** For programs: a line per rule, then one per baseline. */
export function judgedLines({ rows, unused, benefits, baselines }: Judged): string {
  const { bought, noModel, random } = baselines
  const lines: object[] = [
    { of: 'labels', rows, unused },
    ...benefits.map(({ rule, ...rest }) => ({ of: 'rule', name: rule, ...rest })),
    { of: 'baseline', name: 'bought', ...bought },
    { of: 'baseline', name: 'no-model', ...noModel },
    ...(random === undefined ? [] : [{ of: 'baseline', name: 'random', ...random }]),
  ]
  return lines.map(line => `${encode(line)}\n`).join('')
}

/** A mean return with its interval and count, for people. */
export function netText({ rows, mean, interval }: MeanNet): string {
  if (mean === undefined) return 'none'
  const fine = (value: number): string => percent(value, 2)
  const within =
    interval === undefined ? 'one token only' : `95 %: ${fine(interval[0])} to ${fine(interval[1])}`
  return `${fine(mean)} a trade, ${within}, n ${rows}`
}

/** For people. */
export function judgedText({ rows, unused, benefits, baselines }: Judged): string {
  const { bought, noModel, random } = baselines
  const lines = [
    `Returns after costs, of ${rows} labelled decisions (${unused} without outcome or decision)`,
    row('bought', netText(bought)),
    row('no model: all that rules pass', netText(noModel)),
    ...(random === undefined
      ? []
      : [
          row('random entries, as many', spreadText(random, 2)),
          row('', `the choice beats ${percent(random.beaten)} of ${random.draws} draws`),
        ]),
    ...(benefits.length > 0 ? ['What refusals would have returned, by rule'] : []),
    ...benefits.flatMap(({ rule, net, netAlone, alone }) => [
      row(rule, netText(net)),
      ...(alone > 0 ? [row('  refused by it alone', netText(netAlone))] : []),
    ]),
  ]
  return `${lines.join('\n')}\n`
}
