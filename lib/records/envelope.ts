import { Type } from 'typebox'
import { address, bool, count, id, maybe, name, oneOf, type Static, time } from './kit.ts'

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
})
export type Envelope = Static<typeof Envelope>
