/**
 * Short forms of the lines of a case: `token m1 holderCount=412` stands for a whole record in which
 * everything else is ordinary, so that a case says only what it is about.
 */

/** 2025-11-21T00:30:00Z: the time of a line that does not say its own. */
const START = 1_763_685_000_000
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Names of real-looking addresses; any other word is an address as it stands. */
const MINTS: Readonly<Record<string, string>> = {
  cat: 'CATx7yq3v1mRf2u8kE5nWd4hZs9pLb6gTraJcQwXpump',
}
const POOLS: Readonly<Record<string, string>> = {
  cat: 'PooLh5Ty8sQm2nVbR4eKcW7xDfG9jUaZpLr3oMiN6tSe',
}

/** What a record of each kind holds when nothing else is said. */
const ORDINARY: Readonly<Record<string, string>> = {
  token:
    'mintRevoked=true freezeRevoked=true lpBurnedShare=1 top10Share=0.184 holderCount=412 ' +
    'createdAt=1763663400000',
  market:
    'dex=pumpswap quoteMint=So11111111111111111111111111111111111111112 baseDecimals=6 ' +
    'quoteDecimals=9 feeBps=25 baseAmount="206900000000000" quoteAmount="79000000000" ' +
    'priceSol=3.81827e-07 liquidityUsd=23415.6',
  trade: 'dex=pumpswap side=buy baseAmount="1000" quoteAmount="500000000"',
  candle: 'intervalMs=300000 openAt=0 open=1 high=1 low=1 close=1 volume=1000',
  tick: '',
}

/** Parts that the steps of a pipeline add, each a word of its own. */
const PARTS: Readonly<Record<string, string>> = {
  features: 'pool.hash=x pool.ready=true pool.regime=steady-climb',
  strategy:
    'candlestick.signal=buy candlestick.confidence=0.71 ' +
    'candlestick.reasons=["bullish-engulfing"]',
  prediction:
    'sequence.version="1" sequence.profitable=0.7421 sequence.maxProfit=0.0613 ' +
    'sequence.rugRisk=0.0812',
  decision:
    'act=buy confidence=0.8 sizeLamports="100000000" maxSlippageBps=150 reasons=[] unknown=[]',
}

/** Fields of every record, in the order of a line; kind and mint have places of their own. */
const ENVELOPE = ['id', 'ts', 'pool', 'source', 'slot', 'warm']

/** An object as JSON text by key, so that `1.50` and the order of keys stay as written. */
type Fields = Map<string, Fields | string>

/**
 * The whole line that a short form stands for; any other text is itself.
 *
 *     token|market|trade|candle MINT [bare] [+TIME] [PART…] [FIELD=VALUE…]
 *     tick [+TIME] [FIELD=VALUE…]
 *
 * FIELD is one of the envelope (`id`, `ts`, `pool`, `source`, `slot`, `warm`), one of the kind’s
 * own part, or a path (`prediction.sequence.rugRisk`). VALUE is JSON, or else a string. `bare`
 * leaves the ordinary fields out. Throws an Error naming a word that is none of these.
 */
export function expandLine(text: string): string {
  const [kind = '', ...words] = wordsOf(text)
  if (!Object.hasOwn(ORDINARY, kind) || !text.startsWith(kind)) return text
  const mint = kind === 'tick' ? undefined : words.shift()
  if (kind !== 'tick' && !/^[\w.-]+$/.test(mint ?? ''))
    throw new Error(`${kind} needs a mint, got ${mint ?? 'nothing'}`)
  const envelope: Fields = new Map()
  const body: Fields = new Map()
  if (kind !== 'tick' && !words.includes('bare')) body.set(kind, fieldsOf(ORDINARY[kind]!))
  for (const word of words) if (word !== 'bare') take(word, kind, envelope, body)
  return textOf(recordOf(kind, mint && (MINTS[mint] ?? mint), envelope, body))
}

/** Words, apart where spaces are outside of quotes. */
const wordsOf = (text: string): string[] => text.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? []

function take(word: string, kind: string, envelope: Fields, body: Fields): void {
  const [isTime, amount, unit = ''] = /^\+(\d+)(ms|s|m|h)$/.exec(word) ?? []
  const [isField, field = '', value = ''] = /^([\w.-]+)=(.*)$/s.exec(word) ?? []
  if (isTime !== undefined) envelope.set('ts', String(START + Number(amount) * UNITS[unit]!))
  else if (field === 'pool') envelope.set(field, jsonOf(POOLS[value] ?? value))
  else if (isField !== undefined && ENVELOPE.includes(field)) envelope.set(field, jsonOf(value))
  else if (isField !== undefined) setAt(body, pathOf(field, kind), jsonOf(value))
  else if (Object.hasOwn(PARTS, word)) body.set(word, fieldsOf(PARTS[word]!))
  else throw new Error(`not a word of a ${kind}: ${word}`)
}

/** A field of the kind’s own part, or a path from the record; a tick has no part of its own. */
const pathOf = (field: string, kind: string): string[] =>
  field.includes('.') || kind === 'tick' || Object.hasOwn(PARTS, field)
    ? field.split('.')
    : [kind, field]

function fieldsOf(words: string): Fields {
  const fields: Fields = new Map()
  for (const word of wordsOf(words)) {
    const at = word.indexOf('=')
    setAt(fields, word.slice(0, at).split('.'), jsonOf(word.slice(at + 1)))
  }
  return fields
}

function setAt(fields: Fields, [key = '', ...rest]: readonly string[], value: string): void {
  const held = fields.get(key)
  const inner: Fields = held instanceof Map ? held : new Map()
  fields.set(key, rest.length === 0 ? value : inner)
  if (rest.length > 0) setAt(inner, rest, value)
}

/** JSON as it is written, or else the text as a string of JSON. */
function jsonOf(value: string): string {
  try {
    JSON.parse(value)
    return value
  } catch {
    return JSON.stringify(value)
  }
}

function recordOf(kind: string, mint: string | undefined, envelope: Fields, body: Fields): Fields {
  const ts = (envelope.get('ts') ?? String(START)) as string
  const named = mint === undefined ? [] : [mint]
  const candle = body.get('candle')
  // A candle that does not say when it opened is told when it closes.
  if (candle instanceof Map && candle.get('openAt') === '0')
    candle.set('openAt', String(Number(ts) - Number(candle.get('intervalMs'))))
  return new Map([
    ['v', '1'],
    ['id', envelope.get('id') ?? JSON.stringify([kind, ...named, ts].join(':'))],
    ['ts', ts],
    ['kind', JSON.stringify(kind)],
    ...named.map(name => ['mint', JSON.stringify(name)] as const),
    ...ENVELOPE.slice(2).flatMap(key => {
      const value = envelope.get(key) ?? (key === 'source' ? '"x"' : undefined)
      return value === undefined ? [] : [[key, value] as const]
    }),
    ...body,
  ])
}

function textOf(fields: Fields): string {
  const members = [...fields].map(
    ([key, value]) => `${JSON.stringify(key)}:${value instanceof Map ? textOf(value) : value}`,
  )
  return `{${members.join(',')}}`
}
