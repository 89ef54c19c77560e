import {
  fraction,
  list,
  map,
  maybe,
  name,
  object,
  oneOf,
  positive,
  type Static,
  time,
} from './kit.ts'

const Opinion = object('what one strategy says', {
  signal: oneOf('what it would do', ['buy', 'sell', 'hold']),
  confidence: fraction('how sure it is'),
  reasons: list('what it saw', name('reason'), 32),
  sizeFactor: maybe(positive('multiple of the base size', 'factor')),
})

export const Strategy = map('strategies by name', Opinion)
export type Strategy = Record<string, Static<typeof Opinion>>

const ScoreValue = object('a score by any other program', {
  value: fraction('0 bad, 1 good'),
  at: time('when it was computed'),
  by: maybe(name('who computed it')),
})

export const Score = map('scores by name', ScoreValue)
export type Score = Record<string, Static<typeof ScoreValue>>
