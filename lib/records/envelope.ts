import { Type } from 'typebox'
import { address, bool, count, id, list, maybe, name, oneOf, type Static, time } from './kit.ts'

const KINDS = [
  'tick',
  'token',
  'market',
  'trade',
  'candle',
  'opportunity',
  'order',
  'fill',
  'position',
  'equity',
  'chain',
  'alert',
  'gap',
  'quality',
] as const
export type Kind = (typeof KINDS)[number]

/** What every line starts with. */
export const Envelope = Type.Object({
  v: Type.Literal(1, { description: 'version of the record format', sql: 'INTEGER' }),
  id: id('deterministic name of the line: same input, same id'),
  ts: time('event time: when the fact was known; a candle’s is its close'),
  kind: oneOf('what the line is', KINDS),
  mint: maybe(address('the token, always the base of the pair')),
  pool: maybe(address('the pool it was seen in')),
  source: name('who saw it'),
  slot: maybe(count('Solana slot')),
  seenAt: maybe(time('wall-clock time at which we saw it; no pure step reads it')),
  warm: maybe(
    bool('replayed to rebuild state only: nobody scores, decides, journals or trades on it'),
  ),
  marks: maybe(
    list(
      'what is wrong with the line as such: time-jump = its time is far from that of the lines ' +
        'before it, so that nobody moves a clock, decides or trades on it',
      name('mark'),
      64,
    ),
  ),
})
export type Envelope = Static<typeof Envelope>
