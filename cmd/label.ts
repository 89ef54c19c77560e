import { bool, duration, file, list, num, sol } from '../lib/base/flags.ts'
import { step } from '../lib/cli/command.ts'

export default step({
  name: 'label',
  summary: 'Say what happened after each line: outcomes at every horizon',
  details:
    'Anchors are lines with features or a decision, the first of each mint in every slot of ' +
    '--every. One line per anchor ' +
    'and horizon leaves when event time has passed it, in order of availableAt, then id: h1, ' +
    'h6 and h24 end at a time, n10 ' +
    'after the next ten snapshots of the pool, path quotes an opportunity again after 2 s. ' +
    'The return is that of the ' +
    'last price of the mint until the horizon; peak and trough count bars that began after ' +
    'the anchor whole, others by ' +
    'their close. A label is censored when its token had no price in the last quarter of the ' +
    'horizon; what was seen is ' +
    'still told. Only ts moves time: a market that stops sending lines matures nothing. With ' +
    '--state a run may be ' +
    'given its input again from the beginning: lines up to the last that the state has seen ' +
    'are passed over.',
  flags: {
    horizons: list('horizons wanted', { default: ['h1', 'h6', 'h24', 'n10', 'path'] }),
    every: duration('at most one anchor per mint in each slot of this length; 0 takes every line', {
      default: '5m',
    }),
    late: duration('anchors that come this late still count', { default: '1m', max: '1h' }),
    with: list('parts of the anchor to copy, so that a label is a training row', {
      value: 'PART,…',
    }),
    whale: sol('SOL from which a trade is a whale’s', { default: '10' }),
    whaleUsd: num('the same in USD, for trades against other quotes', { default: 2000, min: 0 }),
    state: file('folder in which pending labels wait for the next run', { value: 'DIR' }),
    saveEvery: duration('event time between two saves of --state', { default: '1h', min: '1s' }),
    flush: bool('at the end of input emit what is pending as censored'),
  },
  examples: [
    'discover --source journal decisions | label --with features | journal labels',
    "label --horizons h1 --flush < recording.ndjson | jq -c '[.mint, .label.outcome]'",
  ],
  reads: ['market', 'trade', 'candle', 'opportunity'],
  writes: ['label'],
  async make({ flags, count }) {
    const { makeLabel } = await import('../lib/label/label-step.ts')
    const {
      horizons,
      every,
      late,
      whale,
      whaleUsd,
      flush,
      state,
      saveEvery: saveMs,
      with: parts,
    } = flags
    const sizes = { whale, whaleUsd }
    return makeLabel({
      horizons,
      everyMs: every,
      lateMs: late,
      with: parts ?? [],
      ...sizes,
      flush,
      state,
      saveMs,
      count,
    })
  },
})
