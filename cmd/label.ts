import { step } from '../lib/cli/command.ts'
import { labelFlags } from '../lib/label/label-flags.ts'

export default step({
  name: 'label',
  summary: 'Say what happened after each line: outcomes at every horizon',
  details:
    'Anchors are lines with features or a decision, the first of each mint in every slot ' +
    'of --every.\n\n' +
    'One line per anchor and horizon leaves when event time has passed it, in order of ' +
    'availableAt, then id: h1, h6 and h24 end at a time, n10 after the next ten snapshots ' +
    'of the pool, path quotes an opportunity again after 2 s. Any other length may be named ' +
    '(m30, h4, d3, n50), and what the labels mean is set by --bounds, --profit and the flags ' +
    'beside them: all of it is in label.hash, and train-export mixes no two.\n\n' +
    'The return is that of the last price of the mint until the horizon; peak and trough ' +
    'count bars that began after the anchor whole, others by their close. A label is ' +
    'censored when its outcome is not known; what was ' +
    'seen is still told. A token without a price in the last quarter of the horizon went quiet: ' +
    'its buyer holds it, so that by default it is valued at its last price less the impact of ' +
    'selling to its pool (--quiet unknown, loss or last); where the reserve is not known, or the ' +
    'stream itself was silent, it is censored. label.quiet and the summary say which way each ' +
    'went.\n\n' +
    'willRug asks whether even the best of the next snapshots is far below the price, which ' +
    'almost never happens; rug, with a timed horizon, asks for the worst price until then and ' +
    'for the liquidity.\n\n' +
    'Only ts moves time: a market that stops sending lines matures nothing. With --state a ' +
    'run may be given its input again from the beginning: lines up to the last that the ' +
    'state has seen are passed over.',
  flags: labelFlags,
  // Its lines are those whose outcome is known by now.
  contract: { args: [], lag: Number.POSITIVE_INFINITY },
  examples: [
    'discover --source journal decisions | label --with features | journal labels',
    "label --horizons h1 --flush < recording.ndjson | jq -c '[.mint, .label.outcome]'",
  ],
  reads: ['market', 'trade', 'candle', 'opportunity'],
  writes: ['label'],
  async make({ flags, count, time, log: { warn } }) {
    const { makeLabel } = await import('../lib/label/label-step.ts')
    const make = () => makeLabel({ ...flags, count, time, warn })
    if (flags.state === undefined) return make()
    const { lockedStep } = await import('../lib/store/locked-step.ts')
    return lockedStep(flags.state, 'label', make)
  },
})
