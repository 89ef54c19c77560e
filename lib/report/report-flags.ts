import { bool, choice, file, list, type Values } from '../base/flags.ts'
import { judgingFlags, outcomeFlags } from './judging-flags.ts'

const FORMATS = ['auto', 'text', 'plain', 'ndjson'] as const

/** Flags of `report`, but for the cash, whose default is that of `execute`. */
export const reportFlags = {
  labels: list(
    'labelled decisions: what each rule saved or lost, and what choosing without a model earns',
    {
      value: 'FILE,…',
    },
  ),
  ...outcomeFlags,
  diff: bool('compare two files, such as a ledger and a backtest: what differs, and why'),
  check: bool('with --diff: exit 1 when they differ'),
  keepArms: bool('keep what the sides of gate --split came to in ml_model_comparisons'),
  html: file('also write the report as one page with plots'),
  ...judgingFlags,
  format: choice('how to write it; plain: in at most 22 lines of words', FORMATS, {
    default: 'auto',
  }),
}
export type ReportFlags = Values<typeof reportFlags>
