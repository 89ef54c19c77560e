/** What a text, or an outside judge, says of a token. */
export interface Sentiment {
  /** −1 bad … 1 good. */
  score: number
  /** 0 no idea … 1 sure. */
  confidence: number
}

/** Anything that judges text; absent when the text says nothing. */
type Judge = (text: string) => Sentiment | undefined

/**
 * Words of token names and descriptions that promise or warn. Small on purpose and open to read: it
 * separates hype from warnings, it does not understand. A judge of your own writes
 * `score.sentiment` on the line instead.
 */
const POSITIVE =
  'moon mooning bullish gem based community doxxed audited locked burned renounced utility ' +
  'partnership listed winner strong safe legit fair organic growing viral love king ' +
  'legendary official'
const NEGATIVE =
  'scam rug rugged rugpull fake honeypot dump dumped dumping bundled bundle sniper insider ' +
  'bearish dead abandoned exit warning avoid stolen hack hacked copycat clone jeet lawsuit ' +
  'worthless'

const WORDS = new Map<string, number>([
  ...POSITIVE.split(' ').map(word => [word, 1] as const),
  ...NEGATIVE.split(' ').map(word => [word, -1] as const),
])
const NEGATIONS = new Set(['not', 'no', 'never', 'isnt', 'aint', 'without'])
/** Hits at which the lexicon is half sure. */
const HALF = 3

/** Counts lexicon words; one that follows a negation counts for the other side. */
export const lexicon: Judge = text => {
  let positive = 0
  let negative = 0
  let before = ''
  for (const word of text
    .toLowerCase()
    .replaceAll("'", '')
    .match(/[a-z]+/g) ?? []) {
    const sign = (WORDS.get(word) ?? 0) * (NEGATIONS.has(before) ? -1 : 1)
    if (sign > 0) positive++
    if (sign < 0) negative++
    before = word
  }
  const hits = positive + negative
  return hits === 0
    ? undefined
    : { score: (positive - negative) / hits, confidence: hits / (hits + HALF) }
}

/** An outside score of 0–1 (`score.sentiment.value`) on the scale of a judge. */
export const fromScore = (value: number): Sentiment => ({ score: 2 * value - 1, confidence: 1 })
