import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { show, UsageError } from '../base/errors.ts'
import { SETS, type SetName } from '../features/sets.ts'
import { oneOf } from '../records/kit.ts'
import { MODEL_KINDS } from './models-flag.ts'

export type Kind = (typeof MODEL_KINDS)[number]

const NAME = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'

/** Whether a text may be the name or the version of a model, or the name of a feature. */
export const isName = (text: string): boolean => new RegExp(NAME).test(text)

/** `name@version:unit`, as feature sets list their features. */
const FEATURE = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}@[0-9]{1,4}:[^\\u0000-\\u001f]{1,40}$'
const HASH = '^[0-9a-f]{12,64}$'

/** Whether a text may stand for the definition of a feature set. */
export const isHash = (text: string): boolean => new RegExp(HASH).test(text)

const text = (maxLength = 2000) => Type.String({ maxLength })
const count = Type.Integer({ minimum: 0 })
const numbers = Type.Array(Type.Number(), { maxItems: 4096 })

/**
 * What each feature of an input, or each column of its tensor, is usually: null where that is not
 * known. `prices` are those that are told relative to the newest close of the candles beside them.
 */
const Center = Type.Object({
  of: oneOf('whose centre it is', ['training', 'scaler', 'parity'] as const),
  values: Type.Array(Type.Union([Type.Number(), Type.Null()]), { maxItems: 1024 }),
  prices: Type.Optional(Type.Array(count, { maxItems: 1024 })),
})

/** One input of the graph: features by name, or a whole tensor of the set. */
const Input = Type.Object({
  name: Type.String({ pattern: NAME }),
  set: Type.String({ pattern: NAME }),
  /** Hash of the set when the model was trained. */
  hash: Type.String({ pattern: HASH }),
  features: Type.Optional(
    Type.Array(Type.String({ pattern: FEATURE }), { minItems: 1, maxItems: 1024 }),
  ),
  tensor: Type.Optional(Type.String({ pattern: NAME })),
  shape: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 100_000 }), { maxItems: 4 })),
  center: Type.Optional(Center),
})

/** One output of the graph. `labels` name its columns when it has several. */
const Head = Type.Object({
  name: Type.String({ pattern: NAME }),
  output: Type.String({ pattern: NAME }),
  labels: Type.Optional(Type.Array(text(64), { minItems: 1, maxItems: 256 })),
  /** The class whose probability it is, in the words of whoever trained the model. */
  class: Type.Optional(text(256)),
  /** At or above it the head says yes. */
  threshold: Type.Optional(Type.Number()),
  calibration: Type.Optional(Type.String({ pattern: '^(none|prior|platt|isotonic)$' })),
})

const Metric = Type.Object({
  head: text(64),
  part: text(32),
  name: text(64),
  value: Type.Number(),
  low: Type.Optional(Type.Number()),
  high: Type.Optional(Type.Number()),
})

/** What another program reaches on the same test rows. */
const Peer = Type.Object({
  /** With its version: `scikit-learn 1.9.1 HistGradientBoosting`. */
  name: text(128),
  metric: text(32),
  value: Type.Number(),
  low: Type.Optional(Type.Number()),
  high: Type.Optional(Type.Number()),
})

/** What a head said on the test rows beside what happened, by bins of equal width. */
const Said = Type.Object({
  head: text(64),
  from: Type.Number(),
  to: Type.Number(),
  rows: count,
  said: Type.Number(),
  happened: Type.Number(),
  low: Type.Number(),
  high: Type.Number(),
})

/** The list of --peers. */
export const Peers = Type.Array(Peer, { maxItems: 100 })

const Part = Type.Object({
  rows: count,
  positives: Type.Optional(count),
  from: Type.Optional(Type.Number()),
  to: Type.Optional(Type.Number()),
})

/** Distribution of a feature or prediction in the reference (lib/alerts/baseline.ts). */
const Baseline = Type.Object({
  rows: count,
  edges: numbers,
  shares: numbers,
  missingShare: Type.Number({ minimum: 0, maximum: 1 }),
})

/** Distributions by the name of a feature, and of a prediction. */
const Baselines = {
  features: Type.Record(Type.String(), Baseline),
  predictions: Type.Record(Type.String(), Baseline),
}

const Rows = Type.Object({ input: text(64), rows: count, data: text(1_000_000) })

/** bundle.json: everything about a model that is not in its graph. */
export const Bundle = Type.Object({
  format: Type.Literal(1),
  name: Type.String({ pattern: NAME }),
  version: Type.String({ pattern: NAME }),
  kind: oneOf('what the model is for', MODEL_KINDS),
  model: Type.Object({
    file: Type.String({ pattern: NAME }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    bytes: count,
    /** Smallest batch that gives the same numbers as a large one. */
    minBatch: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
  }),
  inputs: Type.Array(Input, { minItems: 1, maxItems: 16 }),
  heads: Type.Array(Head, { minItems: 1, maxItems: 32 }),
  algorithm: Type.Object({ name: text(64), settings: Type.Record(Type.String(), Type.Unknown()) }),
  seed: Type.Union([Type.String(), Type.Number()]),
  data: Type.Object({
    source: text(),
    hash: Type.String({ pattern: HASH }),
    label: text(),
    /** Horizon of the label, and the hash of what it means. */
    horizon: Type.Optional(text(32)),
    labelHash: Type.Optional(Type.String({ pattern: HASH })),
    baseRate: Type.Optional(Type.Number()),
    parts: Type.Record(Type.String(), Part),
    /** Sketch of the rows that were learned from (lib/model/seen-rows.ts). */
    seen: Type.Optional(text(16_000)),
  }),
  metrics: Type.Array(Metric, { maxItems: 1000 }),
  reliability: Type.Optional(Type.Array(Said, { maxItems: 1000 })),
  peers: Type.Optional(Peers),
  /** Inputs as base64 float32 and the outputs that the file gave for them when it was made. */
  parity: Type.Object({ inputs: Type.Array(Rows), outputs: Type.Record(Type.String(), numbers) }),
  /**
   * Centre and spread per feature of the first input, and the 99th percentile of the distance in
   * training. `prices` are columns in units of price, taken relative to column `by`.
   */
  distribution: Type.Optional(
    Type.Object({
      center: numbers,
      spread: numbers,
      p99: Type.Number(),
      by: Type.Optional(count),
      prices: Type.Optional(Type.Array(count)),
    }),
  ),
  /** What live features and predictions are compared with, by name. */
  drift: Type.Optional(
    Type.Object({
      /** One row per token and such a period; a live window should be as long. */
      periodMs: count,
      ...Baselines,
      /** The same of the first row of each token: what tokens look like when they come. */
      arrivals: Type.Optional(Type.Object(Baselines)),
    }),
  ),
  /** Inputs by name that were unknown at most on a row of its test: a line with more is refused. */
  mostUnknown: Type.Optional(count),
  /** Unknown inputs from which on gate refuses its score; `mostUnknown` unless said. */
  maxImputed: Type.Optional(count),
  /** Why it is here as an example and not to be traded on; the first line of its card. */
  example: Type.Optional(text()),
  importance: Type.Optional(Type.Record(Type.String(), Type.Number())),
  /** What the model must not be used for, and anything else a reader must know. */
  notes: Type.Array(text(), { maxItems: 50 }),
})
export type Bundle = Omit<Type.Static<typeof Bundle>, 'kind'> & { kind: Kind }
export type BundleInput = Type.Static<typeof Input>
export type BundleHead = Type.Static<typeof Head>

const validator = Compile(Bundle)

/** Checks the text of a bundle.json. Throws UsageError naming file and field. */
export function parseBundle(source: string, path: string): Bundle {
  let value: unknown
  try {
    value = JSON.parse(source)
  } catch {
    throw new UsageError(`${path}: not JSON; the bundle is damaged, copy it again`)
  }
  if (validator.Check(value)) return value as Bundle
  throw new UsageError(`${path}: ${faultOf(value)}`)
}

/** The first field that does not fit, and what it has to be. */
function faultOf(value: unknown): string {
  const [first] = validator.Errors(value)
  const where = first?.instancePath.slice(1).replaceAll('/', '.') || 'bundle'
  const { allowedValue, allowedValues = [allowedValue] } = (first?.params ?? {}) as {
    allowedValue?: unknown
    allowedValues?: unknown[]
  }
  if (allowedValues[0] === undefined) return `${where} ${show(first?.message ?? 'does not fit')}`
  const found = (value as Record<string, unknown>)[where]
  const got = where.includes('.') ? '' : `, got ${show(found)}`
  return `${where}: expected ${allowedValues.join(', ')}${got}`
}

/** `rsi14@1:points` → `rsi14`. */
export const featureName = (feature: string): string => feature.slice(0, feature.indexOf('@'))
const idsOf = (set: string): readonly string[] =>
  SETS[set as SetName].features.map(({ name, version, unit }) => `${name}@${version}:${unit}`)
/**
 * A feature of the bundle that the set of the same name no longer has in that version; undefined
 * when all are there.
 */
export function goneFeature({ inputs }: Bundle): { set: string; feature: string } | undefined {
  for (const { set, features = [] } of inputs.filter(input => Object.hasOwn(SETS, input.set))) {
    const ids = idsOf(set)
    const feature = features.find(id => !ids.includes(id))
    if (feature !== undefined) return { set, feature }
  }
  return undefined
}

/**
 * Whether a hash on a line is that of the set as this version makes it: then a checked model finds
 * its features by name.
 */
export const isCurrentHash = (set: string, hash: string): boolean =>
  Object.hasOwn(SETS, set) && SETS[set as SetName].hash === hash
