import { duration, file, int, text, type Values } from '../base/flags.ts'
import { whaleFlags } from '../market/whale.ts'

/** Flags of `sampler`. */
export const samplerFlags = {
  state: file('where the list is kept (default: $SLUICE_HOME/watch.ndjson)'),
  raise: duration('event time that a reason counts', { default: '1h' }),
  labels: text('journal whose newest outcomes count as well', {
    value: 'NAME',
    names: 'journals',
  }),
  write: duration('event time between two writings', { default: '1m' }),
  asks: int('most looks at once that are asked for in a minute of event time', {
    default: 30,
    min: 0,
  }),
  ...whaleFlags,
  maxTokens: int('most tokens remembered at a time', { default: 100_000, min: 1 }),
}
export type SamplerFlags = Values<typeof samplerFlags>
