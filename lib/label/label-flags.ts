import { bool, duration, file, grouped, list, type Values } from '../base/flags.ts'
import { whaleFlags } from '../market/whale.ts'

/** Flags of `label`. */
export const labelFlags = {
  horizons: list('horizons wanted', { default: ['h1', 'h6', 'h24', 'n10', 'path'] }),
  ...grouped('Anchors', {
    every: duration('at most one anchor per mint in each slot of this length; 0 takes every line', {
      default: '5m',
    }),
    eachKind: bool('one anchor per mint and kind of line in each slot, instead of one per mint'),
    late: duration('anchors that come this late still count', { default: '1m', max: '1h' }),
    with: list('parts of the anchor to copy, so that a label is a training row', {
      value: 'PART,…',
    }),
  }),
  ...grouped('Whales', {
    ...whaleFlags,
  }),
  ...grouped('State and end', {
    state: file('folder in which pending labels wait for the next run', { value: 'DIR' }),
    saveEvery: duration('event time between two saves of --state', { default: '1h', min: '1s' }),
    flush: bool('at the end of input emit what is pending as censored'),
  }),
}

export type LabelFlags = Values<typeof labelFlags>
